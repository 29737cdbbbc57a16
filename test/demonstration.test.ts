/** `npm start` once it is set up: what it shows, what it leaves, and that what a user has is theirs (rules H1, H4, L1). */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { linux, needs } from './support/needs.ts';
import { withEnvironment } from './support/processes.ts';
import { Tmux } from './support/tmux.ts';

const START = join(import.meta.dirname, '../scripts/start.ts');

let directory: string;

/** Milliseconds for a demonstration, which is some fifty commands. */
const PATIENCE_MS = 120_000;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sk-d-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Shown {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs it without a terminal, all that it makes in the test's own directory; `onOutput` is given what it has said so far. */
async function demonstrate(
  words: string[],
  env: NodeJS.ProcessEnv = {},
  onOutput: (said: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Shown> {
  const child = spawn(process.execPath, [START, ...words], {
    env: { ...process.env, TMPDIR: directory, SHELL: '/bin/sh', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (piece) => {
    said += piece;
    onOutput(said, (signal) => child.kill(signal));
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
}

/** Nothing is left of what it made: no directory, no process. */
function nothingLeft(): void {
  expect(readdirSync(directory)).toEqual([]);
  expect(withEnvironment('TMPDIR', directory)).toEqual([]);
}

needs(linux)('npm start without a terminal', () => {
  test(
    '[H1][L1] shows a shell that outlives its node, then a second node that reads it from the start, and leaves nothing',
    async () => {
      const { status, stdout, stderr } = await demonstrate([]);
      expect([status, stderr]).toEqual([0, '']);
      const [, before] = /node \S+, pid (\d+)/.exec(stdout) ?? [];
      const [, shell, after] = /shell: pid (\d+)[\s\S]*back as pid (\d+)/.exec(stdout) ?? [];
      expect(stdout).toContain(`Killing the node: kill -9 ${before}`);
      expect(after).not.toBe(before);
      expect(stdout).toContain(`the shell is the same: pid ${shell}`);
      expect(stdout).toContain(`| I was typed before the kill: alive-${before}`);
      expect(stdout).toMatch(/joined \S+ as operator, relayed/);
      expect(stdout).toMatch(/\d+ events.*; the output is the same to the byte/);
      expect(stdout).not.toContain('\x1b');
      nothingLeft();
    },
    PATIENCE_MS,
  );

  test(
    'interrupted in its middle it ends what it has started, and says so with its status',
    async () => {
      const { status, stderr } = await demonstrate([], {}, (said, kill) => {
        if (said.includes('Killing the node')) kill('SIGINT');
      });
      expect([status, stderr]).toEqual([130, 'Interrupted.\n']);
      nothingLeft();
    },
    PATIENCE_MS,
  );

  test('with words behind it, it is skein with these words and its status', async () => {
    const skein = new Skein();
    try {
      expect(await demonstrate(['ls', '--json'], skein.env)).toEqual({
        status: 0,
        stdout: '[]\n',
        stderr: '',
      });
      expect((await demonstrate(['screen', 'nobody'], skein.env)).status).toBe(3);
    } finally {
      skein.destroy();
    }
  });
});

needs('tmux', linux)('npm start in a terminal', () => {
  test(
    'leaves a session of its own running, finds it the second time, and touches no session that a user has called so',
    async () => {
      const skein = new Skein();
      const tmux = new Tmux();
      const start = `SKEIN_HOME='${skein.home}' SHELL=/bin/sh TMPDIR='${directory}' '${process.execPath}' '${START}'`;
      const next = (name: string) => (screen: string) =>
        new RegExp(`npx skein attach ${name} [\\s\\S]*down --kill.*\\n(.*\\n)*user:$`).test(screen);
      try {
        skein.run('run', '-d', '--name', 'demo', '--', 'cat');
        await tmux.shell('t', 120, 60);
        tmux.enter('t', start);
        await tmux.until('t', 'what to type next', next('demo-2'), 50_000);
        tmux.enter('t', `clear; ${start}`);
        const screen = await tmux.until('t', 'what to type next again', next('demo-2'), 50_000);
        expect(screen).toContain('The session "demo-2" is still there from the last time');
        const sessions = skein.json<{ name: string; state: string }[]>('ls');
        expect(sessions.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
          'demo running',
          'demo-2 running',
        ]);
        expect(skein.run('output', 'demo')).toBe('');
        expect(skein.json<unknown[]>('members', 'demo-2')).toEqual([]);
        expect(skein.json<{ on: boolean }>('mesh').on).toBe(false);
      } finally {
        tmux.stop();
        skein.destroy();
      }
      nothingLeft();
    },
    PATIENCE_MS,
  );
});
