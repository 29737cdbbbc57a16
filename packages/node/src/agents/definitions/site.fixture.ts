/** A home, a workspace and a directory of programs for tests of definitions; gone after each. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';

export interface Site {
  home: string;
  /** A git repository's root. */
  workspace: string;
  /** To be put on a PATH. */
  bin: string;
  env: Record<string, string>;
  /** Writes a file of the user's, below SKEIN_HOME. */
  own(file: string, text: string | Buffer): string;
  /** Writes a file of the workspace's, below its `.skein`. */
  theirs(file: string, text: string): string;
  /** Puts a shell script on the PATH. */
  program(name: string, script?: string): string;
}

const made: string[] = [];

afterEach(() => {
  for (const dir of made.splice(0)) fs.rmSync(dir, { recursive: true, force: true });
});

export function makeSite(): Site {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'skein-defs-')));
  made.push(root);
  const [home, workspace, bin] = ['home', 'work', 'bin'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const dir of [home, bin, path.join(workspace, '.git')]) fs.mkdirSync(dir, { recursive: true });
  const write = (file: string, text: string | Buffer, mode = 0o600) => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text, { mode });
    return file;
  };
  return {
    ...{ home, workspace, bin },
    env: { PATH: `${bin}:/usr/bin:/bin` },
    own: (file, text) => write(path.join(home, file), text),
    theirs: (file, text) => write(path.join(workspace, '.skein', file), text),
    program: (name, script = 'echo 1.2.3') => write(path.join(bin, name), `#!/bin/sh\n${script}\n`, 0o700),
  };
}
