/** The hosts that live, by what they left on disk: known without a node. */
import fs from 'node:fs';
import path from 'node:path';
import { readJson } from '@skein/node/platform/files';
import { isAlive } from '@skein/node/platform/process';

export interface HostOnDisk {
  id: string;
  pid: number;
  version: string;
}

export function liveHosts(home: string): HostOnDisk[] {
  const dir = path.join(home, 'hosts');
  if (!fs.existsSync(dir)) return [];
  return fs.readdirSync(dir).flatMap((id) => {
    const record = readJson(path.join(dir, id, 'host.json')) as (HostOnDisk & { start: string }) | undefined;
    if (record === undefined || !isAlive(record.pid, record.start)) return [];
    return [{ id, pid: record.pid, version: record.version }];
  });
}
