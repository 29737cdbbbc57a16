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
  /** Whether the home is another's now, having been moved, removed or emptied: nothing is to be touched by its path any more. */
  lost(): boolean;
  /** Resolves when that was found. */
  gone: Promise<void>;
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
  try {
    holds(home);
  } catch (error) {
    lock.release();
    throw error;
  }
  const { log, close: closeLog } = openLog(home);
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
    const { promise: gone, resolve: tellGone } = Promise.withResolvers<void>();
    const lost = () => {
      if (lock.held()) return false;
      log('error', 'The home was moved or removed. The node ends; sessions that still run live on.', {
        home,
      });
      tellGone();
      return true;
    };
    return { kernel, identity, log, lost, gone, close };
  } catch (error) {
    release();
    throw error;
  }
}
