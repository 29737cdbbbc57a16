/** Small file helpers: whole-file replacement that no reader sees half of, and a hash over many files. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Replaces a file by rename, so that a reader sees the old one or the new one, and a program that has the old one
 * mapped keeps it.
 * @param {string} path @param {string | Uint8Array} content @param {number} [mode]
 */
export function writeAtomically(path, content, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, content, { mode });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** @param {string} path @returns {string | undefined} the text, or undefined when there is no such file */
export function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} directory @returns {string[]} the names in it, sorted; none when it does not exist */
export function namesIn(directory) {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/** @param {string} directory @returns {string[]} every file below it, sorted */
export function filesBelow(directory) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} at */
  const walk = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  try {
    walk(directory);
  } catch {
    return [];
  }
  return found.sort();
}

/**
 * One hash over names and contents.
 * @param {string} root @param {string[]} paths @param {string[]} [extra]
 */
export function hashFiles(root, paths, extra = []) {
  const hash = createHash('sha256');
  for (const text of extra) hash.update(`${text}\0`);
  for (const path of paths) {
    const content = readIfThere(path);
    if (content === undefined) continue;
    hash.update(`${relative(root, path)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
