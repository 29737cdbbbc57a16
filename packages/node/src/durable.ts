/** What a node has to itself before anything else: the lock of its home, its own log file, its key, its log of events. */
import path from 'node:path';
import { openHome } from './home.ts';
import { Kernel } from './kernel/kernel.ts';
import type { DamageReport } from './kernel/options.ts';
import { type Identity, openIdentity } from './mesh/identity.ts';
import { type Log, openLog } from './node-log.ts';
import { holds, holdsNoMore } from './platform/holder.ts';
import { lockHome } from './platform/lock.ts';

export interface Durable {
  kernel: Kernel;
  identity: Identity;
  log: Log;
  /** Lets others have the home. */
  close(): Promise<void>;
}

/** Throws `already_running`, `database_newer`, `home_unsafe`, `identity_unsafe`, `path_too_long`. */
export async function openDurable(
  home: string,
  damage: (report: DamageReport, log: Log) => void,
): Promise<Durable> {
  openHome(home);
  const lock = lockHome(path.join(home, 'node.lock'));
  const { log, close: closeLog } = openLog(home);
  holds(home);
  const release = () => {
    closeLog();
    holdsNoMore(home);
    lock.release();
  };
  try {
    const identity = openIdentity(home);
    const onDamage = (report: DamageReport) => damage(report, log);
    const kernel = await Kernel.open({ dir: path.join(home, 'log'), log, onDamage });
    const close = async () => {
      await kernel.close();
      release();
    };
    return { kernel, identity, log, close };
  } catch (error) {
    release();
    throw error;
  }
}
