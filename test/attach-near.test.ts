/** `skein attach` on the session's own machine, where its host serves the terminal itself, in tmux as the terminal (rule H8). */
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { clientsOf } from './support/clients.ts';
import { hostsOf } from './support/home.ts';
import { needs } from './support/needs.ts';
import { kill, until } from './support/processes.ts';
import { Tmux } from './support/tmux.ts';

let skein: Skein;
let tmux: Tmux;
let terminal = '';
let count = 0;

beforeAll(() => {
  skein = new Skein();
  tmux = new Tmux();
});
afterAll(() => {
  tmux.stop();
  skein.destroy();
});
beforeEach(() => {
  terminal = `n${++count}`;
});

/** Attaches in a terminal of its own, and returns its path. */
async function attach(words: string): Promise<string> {
  await tmux.shell(terminal, 80, 24);
  tmux.enter(terminal, `${skein.command} attach ${words}`);
  return tmux.path(terminal);
}

async function detach(name: string): Promise<void> {
  tmux.keys(terminal, 'C-\\', 'd');
  await tmux.until(terminal, 'the end', (text) => text.includes(`[detached from ${name}]`));
}

/** The processes of hosts that hold a terminal open. */
function holders(path: string): number[] {
  return hostsOf(skein.home)
    .map(({ pid }) => pid)
    .filter((pid) => {
      const fds = readdirSync(`/proc/${pid}/fd`);
      return fds.some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === path);
    });
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

needs('tmux')("a terminal on the session's own machine", () => {
  test("[H8] is the host's while attached, and not a moment longer", async () => {
    skein.run('run', '-d', '--name', 'one', '--', 'sh', '-c', 'echo here; exec cat');
    const path = await attach('one');
    await tmux.until(terminal, 'its screen', (text) => text.includes('here'));
    await until('the host has it', () => holders(path).length === 1);
    tmux.enter(terminal, 'straight');
    await tmux.until(terminal, 'the echo', (text) => text.split('straight').length === 3);
    await detach('one');
    expect(holders(path)).toEqual([]);
  });

  test('[H8] is let go of when the client is killed', async () => {
    const path = await attach('one');
    await until('the host has it', () => holders(path).length === 1);
    for (const pid of clientsOf(skein, 'attach one')) kill(pid);
    await until('the host has let go', () => holders(path).length === 0);
  });

  test('[H8] is left to a client that only looks on', async () => {
    const path = await attach('one --read-only');
    await tmux.until(terminal, 'its screen', (text) => text.includes('here'));
    expect(holders(path)).toEqual([]);
    await detach('one');
  });

  test('[H6] shows bytes as the program meant them: a line feed alone goes straight down', async () => {
    const script =
      "stty raw -echo; printf ready; dd bs=1 count=1 2>/dev/null; printf '\\r\\none\\ntwo'; exec cat";
    skein.run('run', '-d', '--name', 'stairs', '--', 'sh', '-c', script);
    const path = await attach('stairs');
    await tmux.until(terminal, 'that it is ready', (text) => text.includes('ready'));
    await until('the terminal adds nothing', () =>
      execFileSync('stty', ['-a', '-F', path], { encoding: 'utf8' }).includes('-opost'),
    );
    tmux.type(terminal, 'x');
    const text = await tmux.until(terminal, 'both words', (shown) => shown.includes('two'));
    expect(text).toMatch(/^one\n {3}two$/m);
    await detach('stairs');
  });
});
