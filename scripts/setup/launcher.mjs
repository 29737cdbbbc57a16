/** Writes what stands in node_modules/.bin, so that `npx skein` runs on the Node of this set-up whatever the system has. */
import { chmodSync, lstatSync } from 'node:fs';
import { readIfThere, writeAtomically } from './files.mjs';
import { LAUNCHERS } from './places.mjs';

/** @param {string} word */
function quote(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** @param {string} node @param {{ bundle: string, flags: string[] }} launcher */
function launcherText(node, { bundle, flags }) {
  return `#!/bin/sh\nexec ${[node, ...flags, bundle].map(quote).join(' ')} "$@"\n`;
}

/** @param {string} node */
export function writeLaunchers(node) {
  for (const launcher of LAUNCHERS) {
    writeAtomically(launcher.file, launcherText(node, launcher), 0o755);
    // The mode given at creation is cut by the umask.
    chmodSync(launcher.file, 0o755);
  }
}

/** @param {string} node */
export function launchersAreCurrent(node) {
  return LAUNCHERS.every((launcher) => {
    if (readIfThere(launcher.file) !== launcherText(node, launcher)) return false;
    return (lstatSync(launcher.file).mode & 0o111) === 0o111;
  });
}
