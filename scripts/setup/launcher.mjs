/** Writes node_modules/.bin/skein, so that `npx skein` runs on the Node of this set-up whatever the system has. */
import { chmodSync } from 'node:fs';
import { writeAtomically } from './files.mjs';
import { CLI_BUNDLE, LAUNCHER } from './places.mjs';

/** @param {string} word */
function quote(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** @param {string} node @param {string} bundle */
export function launcherText(node, bundle) {
  return `#!/bin/sh\nexec ${quote(node)} ${quote(bundle)} "$@"\n`;
}

/** @param {string} node */
export function writeLauncher(node) {
  writeAtomically(LAUNCHER, launcherText(node, CLI_BUNDLE), 0o755);
  // The mode given at creation is cut by the umask.
  chmodSync(LAUNCHER, 0o755);
}
