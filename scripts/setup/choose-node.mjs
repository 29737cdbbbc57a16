/** Chooses the Node that everything runs on: the system's own if it is new enough, else the one that npm can bring. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';

/** The major version that the product is written for: it runs TypeScript as it is and has what the packages need. */
export const WANTED_MAJOR = 24;

/** Platforms for which npm carries Node itself, built for glibc. */
const CARRIED = new Set(['linux-x64', 'linux-arm64']);

/** @param {string} path */
function majorOf(path) {
  if (path === process.execPath) return Number.parseInt(process.versions.node, 10);
  try {
    const version = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return Number.parseInt(version.replace(/^v/, ''), 10) || 0;
  } catch {
    return 0;
  }
}

/** @param {string} path */
function isBroughtByNpm(path) {
  return path.split(sep).includes('node_modules');
}

/** @returns {string[]} every Node on PATH and the one that runs this, without those that npm brought */
function candidates() {
  const directories = (process.env.PATH ?? '').split(delimiter).filter((entry) => isAbsolute(entry));
  const found = [];
  for (const path of [...directories.map((directory) => join(directory, 'node')), process.execPath]) {
    try {
      accessSync(path, constants.X_OK);
      if (!isBroughtByNpm(path) && !isBroughtByNpm(realpathSync(path))) found.push(path);
    } catch {
      // Not there, or not a program.
    }
  }
  return [...new Set(found)];
}

/** @returns {string | undefined} the absolute path of the first Node of the system's own that is new enough */
export function ownNode() {
  return candidates().find((path) => majorOf(path) >= WANTED_MAJOR);
}

/** @returns {boolean} whether npm can bring a Node for this machine */
export function canCarryNode() {
  if (!CARRIED.has(`${process.platform}-${process.arch}`)) return false;
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return report.header.glibcVersionRuntime !== undefined;
}
