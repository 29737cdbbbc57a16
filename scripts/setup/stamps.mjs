/** Tells whether an earlier set-up still holds, from hashes of what it was made of; takes a few milliseconds. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, hashFiles, namesIn, readIfThere, writeAtomically } from './files.mjs';
import { BUILD_STAMP, INSTALL_STAMP, MODULES, ROOT } from './places.mjs';

/**
 * @typedef {object} Installed
 * @property {string} node the absolute path of the Node ≥ 24 that everything runs on
 * @property {boolean} own whether it is the system's own
 */

/** @returns {string[]} */
function manifests() {
  const members = namesIn(join(ROOT, 'packages')).map((name) => join('packages', name));
  return ['.', ...members, 'test', 'bench'].map((directory) => join(ROOT, directory, 'package.json'));
}

function installHash() {
  const inputs = [join(ROOT, 'pnpm-lock.yaml'), join(ROOT, 'pnpm-workspace.yaml'), ...manifests()];
  return hashFiles(ROOT, inputs, [process.platform, process.arch]);
}

/** A fingerprint of the Node binary, so that a replaced one is looked at again. @param {string} node */
function nodeMark(node) {
  const { size, mtimeMs } = statSync(node);
  return `${size}:${Math.trunc(mtimeMs)}`;
}

/** @returns {Installed | undefined} what is installed, if nothing that it was made of has changed */
export function currentInstall() {
  const text = readIfThere(INSTALL_STAMP);
  if (text === undefined) return undefined;
  try {
    const stamp = JSON.parse(text);
    if (stamp.hash !== installHash() || stamp.mark !== nodeMark(stamp.node)) return undefined;
    if (!existsSync(join(MODULES, 'esbuild'))) return undefined;
    return { node: stamp.node, own: stamp.own };
  } catch {
    return undefined;
  }
}

/** @param {Installed} installed */
export function stampInstall(installed) {
  const stamp = { ...installed, hash: installHash(), mark: nodeMark(installed.node) };
  writeAtomically(INSTALL_STAMP, `${JSON.stringify(stamp)}\n`);
}

/** A hash of all that the bundles are made of; a changed test does not count. */
export function sourceHash() {
  const sources = namesIn(join(ROOT, 'packages')).flatMap((name) =>
    filesBelow(join(ROOT, 'packages', name, 'src')),
  );
  const shipped = sources.filter((path) => !path.endsWith('.test.ts'));
  const builder = [join(ROOT, 'scripts', 'build.ts'), ...filesBelow(join(ROOT, 'scripts', 'build'))];
  const version = process.env.SKEIN_BUILD_VERSION ?? '';
  return hashFiles(ROOT, [...shipped, ...builder, ...manifests(), join(ROOT, 'pnpm-lock.yaml')], [version]);
}

export function buildIsCurrent() {
  const text = readIfThere(BUILD_STAMP);
  if (text === undefined) return false;
  try {
    const stamp = JSON.parse(text);
    const outputs = /** @type {string[]} */ (stamp.outputs);
    return stamp.hash === sourceHash() && outputs.every((path) => existsSync(join(ROOT, path)));
  } catch {
    return false;
  }
}

/**
 * @param {string} hash of the sources, taken before the build read them
 * @param {string[]} outputs relative to the repository
 */
export function stampBuild(hash, outputs) {
  writeAtomically(BUILD_STAMP, `${JSON.stringify({ hash, outputs })}\n`);
}
