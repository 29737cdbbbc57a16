/** Whether a program can be started at all: its directory and its file, so that what is wrong has a name. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';

/** Throws `bad_cwd` or `program_not_found`. `searched` is the PATH of the environment that the program will have. */
export function checkProgram(argv: string[], cwd: string, searched: string): void {
  if (!path.isAbsolute(cwd) || !isDirectory(cwd)) {
    throw new SkeinError('bad_cwd', `There is no directory ${cwd}. Name one that exists with --cwd.`, {
      cwd,
    });
  }
  const program = argv[0] ?? '';
  if (program.includes('/')) {
    if (isExecutable(path.resolve(cwd, program))) return;
    const there = fs.existsSync(path.resolve(cwd, program));
    const why = there ? 'is not a program that may be run' : 'does not exist';
    throw new SkeinError('program_not_found', `${program} ${why}.`, { program });
  }
  for (const dir of searched.split(':')) if (isExecutable(path.resolve(cwd, dir, program))) return;
  throw new SkeinError('program_not_found', `There is no program "${program}" on the PATH.`, {
    program,
    path: searched,
  });
}

/** Whether there is one that can be looked at: its name may be too long, go round in links, or be behind what is not ours. */
function isDirectory(dir: string): boolean {
  try {
    return fs.statSync(dir).isDirectory();
  } catch {
    return false;
  }
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
