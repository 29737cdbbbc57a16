/** A PATH on which there is no git-lfs, for tests of what is done without it wherever they run. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** Tests of this file or group run without git-lfs: each directory of the PATH that has it is stood for by links to its rest. */
export function withoutLfs(): void {
  const before = process.env.PATH;
  let dir: string;
  beforeAll(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'skein-no-lfs-'));
    const dirs = (before ?? '').split(':').map((one, i) => {
      if (one === '' || !fs.existsSync(path.join(one, 'git-lfs'))) return one;
      const rest = path.join(dir, String(i));
      fs.mkdirSync(rest);
      for (const name of fs.readdirSync(one))
        if (name !== 'git-lfs') fs.symlinkSync(path.join(one, name), path.join(rest, name));
      return rest;
    });
    process.env.PATH = dirs.join(':');
  });
  afterAll(() => {
    process.env.PATH = before;
    fs.rmSync(dir, { recursive: true, force: true });
  });
}
