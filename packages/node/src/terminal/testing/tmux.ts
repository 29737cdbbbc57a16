/** A second opinion: the same bytes in a pane of a real tmux, and what programs write when they are really run. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as pty from 'node-pty';
import { textOf } from '../screen/history.ts';
import { Screen } from '../screen/screen.ts';

export const SIZE = { cols: 80, rows: 24 };

/** tmux, vim and the like measure characters by the locale. */
const ENV = { ...process.env, LC_ALL: 'C.UTF-8', TMUX: '', LESS: '', TERM: 'xterm-256color' };

export function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** A pane's rows after it has shown `bytes`, with SGR. */
export async function tmuxShows(bytes: Uint8Array): Promise<string[]> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'tmux-'));
  const socket = path.join(dir, 'socket');
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], { env: ENV, encoding: 'utf8' });
  try {
    const file = path.join(dir, 'bytes');
    writeFileSync(file, bytes);
    // The title comes after everything else in the pane's own stream: when it is seen, the rest has been.
    const show = `stty raw -echo; cat '${file}'; printf '\\033\\\\\\033]2;all-shown\\033\\\\'; exec sleep 1000`;
    const size = ['-x', String(SIZE.cols), '-y', String(SIZE.rows)];
    tmux('start-server', ';', 'set', '-g', 'status', 'off', ';', 'new-session', '-d', ...size, show);
    while (tmux('display', '-p', '#{pane_title}').trim() !== 'all-shown') {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return tmux('capture-pane', '-p', '-e', '-N').split('\n').slice(0, SIZE.rows);
  } finally {
    spawnSync('tmux', ['-S', socket, 'kill-server']);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What a key press waits for, as a text on the screen, and the keys. */
export type Step = readonly [seen: string, keys: string];

/**
 * Runs a program on a PTY with our emulator as its terminal, pressing keys as texts appear, and gives what it wrote up to
 * the last of them; without steps, up to its exit.
 */
export async function record(
  program: string,
  args: string[],
  cwd: string,
  steps: readonly Step[],
): Promise<Buffer> {
  const child = pty.spawn(program, args, { ...SIZE, cwd, env: ENV, encoding: null });
  const screen = new Screen(SIZE);
  screen.onAnswer((answer) => child.write(answer));
  const chunks: Buffer[] = [];
  let step = 0;
  await new Promise<void>((resolve) => {
    child.onExit(() => resolve());
    child.onData((chunk) => {
      chunks.push(chunk);
      screen.write(chunk);
      const next = steps[step];
      if (next === undefined || !textOf(screen, 0).includes(next[0])) return;
      step++;
      if (step === steps.length) resolve();
      else child.write(next[1]);
    });
  });
  child.kill();
  return Buffer.concat(chunks);
}
