/** What the hooks run: copied into the home, at a place that stays the same over updates. */
import fs from 'node:fs';
import path from 'node:path';
import { makeDir } from '../../platform/files.ts';
import { quoted } from './script.ts';

const PROGRAM = 'guard.cjs';

/** Run by a hook, in the tree that is committed. */
export const guardProgram = (home: string): string => path.join(home, 'guard', 'ask');

/** Written again at every start of a node, so that it is of its build. */
export function writeGuard(home: string, bundle: string): void {
  const dir = path.dirname(guardProgram(home));
  makeDir(dir);
  const own = path.join(dir, PROGRAM);
  put(own, fs.readFileSync(path.join(bundle, PROGRAM)), 0o600);
  // The Node that it was started with may be gone by then: another one will do.
  const node = quoted(process.execPath);
  const script = `#!/bin/sh
node=${node}
[ -x "$node" ] || node=node
exec "$node" ${quoted(own)} ${quoted(home)}
`;
  put(guardProgram(home), script, 0o700);
}

/** If any workspace has a guard. */
export function renewGuard(home: string, bundle: string): void {
  const there = [guardProgram(home), path.join(bundle, PROGRAM)].every((file) => fs.existsSync(file));
  if (there) writeGuard(home, bundle);
}

function put(file: string, content: string | Uint8Array, mode: number): void {
  const beside = `${file}.${process.pid}.new`;
  fs.writeFileSync(beside, content, { mode });
  fs.chmodSync(beside, mode);
  fs.renameSync(beside, file);
}
