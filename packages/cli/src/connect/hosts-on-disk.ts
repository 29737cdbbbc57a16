/** The hosts that live, by what they left on disk: known without a node. */
import fs from 'node:fs';
import path from 'node:path';
import { readJson } from '@skein/node/platform/files';
import { isAlive } from '@skein/node/platform/process';
import { SkeinError } from '@skein/protocol/errors';
import type { HostKind } from '@skein/protocol/host/kind';

interface HostOnDisk {
  id: string;
  pid: number;
  version: string;
  kind: HostKind;
}

export function liveHosts(home: string): HostOnDisk[] {
  const dir = path.join(home, 'hosts');
  if (!fs.existsSync(dir)) return [];
  return fs.readdirSync(dir).flatMap((id) => {
    const record = readJson(path.join(dir, id, 'host.json')) as
      | (Omit<HostOnDisk, 'kind'> & { start: string; kind?: HostKind })
      | undefined;
    if (record === undefined || !isAlive(record.pid, record.start)) return [];
    return [{ id, pid: record.pid, version: record.version, kind: record.kind ?? 'pty' }];
  });
}

/** Milliseconds for hosts that were told to end to write what they hold. */
const GONE_MS = 10_000;
/** Milliseconds between two looks. */
const LOOK_MS = 10;

/**
 * Resolves when no host of this home lives, or those that do hold no program any more: on a full disk one stays until it can
 * write how they ended. Throws `timeout` when some hold on for too long.
 */
export async function hostsGone(home: string): Promise<void> {
  for (const deadline = Date.now() + GONE_MS; ; ) {
    const hosts = liveHosts(home);
    if (hosts.length === 0) return;
    const pids = hosts.map(({ pid }) => pid);
    if (Date.now() > deadline) {
      const { runningIn } = await import('./end-hosts.ts');
      if ((await runningIn(home)) === 0) return;
      throw new SkeinError('timeout', `Hosts were told to end and still run: pid ${pids.join(', ')}.`, {
        pids,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
