/** Runs a program to its end and keeps what it printed, to be shown only if it fails. */
import { spawn } from 'node:child_process';

/** Characters of output kept: the end of it, where the reason stands. */
const KEEP = 20_000;

/**
 * @param {string} command @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ ok: boolean, output: string, missing: boolean }>}
 */
export function runToEnd(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = () => child.kill('SIGTERM');
    process.once('exit', stop);
    let output = '';
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      output = (output + chunk.toString()).slice(-KEEP);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    /** @param {boolean} ok @param {boolean} missing */
    const end = (ok, missing) => {
      process.removeListener('exit', stop);
      resolve({ ok, output, missing });
    };
    child.on('error', (error) => {
      output += String(error);
      end(false, /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT');
    });
    child.on('close', (code) => end(code === 0, false));
  });
}
