/** `skein attach` where something does not go on: the user's terminal, the program, the client itself (rule H8). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEAVE } from '@skein/node/terminal/reset';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { clientsOf } from './support/clients.ts';
import { needs } from './support/needs.ts';
import { kill, until } from './support/processes.ts';
import { PtyScreen } from './support/pty-screen.ts';
import { Tmux } from './support/tmux.ts';

const DETACH = '\x1cd';
/** Bytes that fit into one message to tmux. */
const PIECE = 15_000;
/** Turns on what a shell does not expect, and says so. */
const MODES = String.raw`printf '\033[?1049h\033[?1003h\033[?1006h\033[?2004hready'`;

let skein: Skein;
let tmux: Tmux;
const terminals: PtyScreen[] = [];

beforeAll(() => {
  skein = new Skein();
  tmux = new Tmux();
});
afterAll(() => {
  tmux.stop();
  skein.destroy();
});
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.destroy();
});

function attach(name: string): PtyScreen {
  const terminal = new PtyScreen(...skein.words('attach', name), skein.env);
  terminals.push(terminal);
  return terminal;
}

/** Starts a session with a program that puts its terminal into raw mode, and says so. */
function startRaw(name: string, then: string): void {
  skein.run('run', '-d', '--name', name, '--', 'sh', '-c', `stty raw -echo; printf ready; ${then}`);
}

/** Types so many bytes at once into a terminal of tmux: one of node-pty would have this process wait for its reader. */
function paste(terminal: string, size: number): void {
  for (let at = 0; at < size; at += PIECE) tmux.type(terminal, 'x'.repeat(Math.min(PIECE, size - at)));
}

/** Whether a thread of it waits in a write to its stdout. */
function waitsInWrite(pid: number): boolean {
  const [write, stdout] = [process.arch === 'arm64' ? '64' : '1', '0x1'];
  return readdirSync(`/proc/${pid}/task`).some((thread) => {
    const [call, fd] = readFileSync(`/proc/${pid}/task/${thread}/syscall`, 'utf8').split(' ');
    return call === write && fd === stdout;
  });
}

test('[H8] a terminal that stalls while it is left is clean before anything is said on it', async () => {
  const printed = join(skein.home, 'printed');
  const script = `${MODES}; read x; seq 1 300000; touch ${printed}; exec cat`;
  skein.run('run', '-d', '--name', 'flood', '--', 'sh', '-c', script);
  const terminal = attach('flood');
  await terminal.shows('ready');
  terminal.pty.pause();
  terminal.type('\r');
  await until('more is printed than the terminal takes', () => existsSync(printed));
  terminal.type(DETACH);
  await until('the terminal is waited for', () => waitsInWrite(terminal.pty.pid));
  terminal.pty.resume();
  await terminal.end();
  expect(terminal.raw).toContain(`${LEAVE}[detached from flood]`);
});

needs('tmux')('a client that is killed', () => {
  test('[H8] leaves a terminal whose modes the host has taken back', async () => {
    skein.run('run', '-d', '--name', 'modes', '--', 'sh', '-c', `${MODES}; exec cat`);
    await tmux.shell('killed');
    tmux.enter('killed', `${skein.command} attach modes`);
    await tmux.until('killed', 'that it is ready', (text) => text === 'ready');
    await until('its modes', () => /alternate=1 mouse=1/.test(tmux.modes('killed')));
    for (const pid of clientsOf(skein, 'attach modes')) kill(pid);
    await until('they are gone', () => /cursor=1 alternate=0 mouse=000 sgr=0/.test(tmux.modes('killed')));
  });
});

needs('tmux')('a paste', () => {
  test.each([
    [90_000, '0'],
    [700_000, '1'],
  ])('[H3][H8] of %i bytes does not keep anybody with a program that reads nothing', async (size, bell) => {
    const name = `deaf${size}`;
    startRaw(name, 'exec sleep 1000');
    await tmux.shell(name);
    tmux.enter(name, `${skein.command} attach ${name}`);
    await tmux.until(name, 'that it is ready', (text) => text.includes('ready'));
    paste(name, size);
    tmux.keys(name, 'C-\\', 'd');
    await tmux.until(name, 'the end', (text) => text.includes(`[detached from ${name}]`));
    // What cannot wait is not dropped without a sign.
    expect(tmux.told(name, 'window_bell_flag')).toBe(bell);
  });

  test('[H3] nor where the client serves the terminal itself, as with a screen that is another than the keyboard', async () => {
    startRaw('deaf', 'exec sleep 1000');
    await tmux.shell('keyboard');
    await tmux.shell('display');
    tmux.enter('display', 'exec sleep 1000');
    tmux.enter('keyboard', `${skein.command} attach deaf > ${tmux.path('display')}`);
    await tmux.until('display', 'that it is ready', (text) => text.includes('ready'));
    paste('keyboard', 700_000);
    tmux.keys('keyboard', 'C-\\', 'd');
    await tmux.until('display', 'the end', (text) => text.includes('[detached from deaf]'));
    expect(tmux.told('display', 'window_bell_flag')).toBe('1');
  });

  test('[H3] reaches a program that reads as a whole, however much it is', async () => {
    startRaw('reader', 'head -c 2000000 | wc -c; exec cat');
    await tmux.shell('reader');
    tmux.enter('reader', `${skein.command} attach reader`);
    await tmux.until('reader', 'that it is ready', (text) => text.includes('ready'));
    paste('reader', 2_000_000);
    await tmux.until('reader', 'how much came', (text) => text.includes('2000000'));
    tmux.keys('reader', 'C-\\', 'd');
    await tmux.until('reader', 'the end', (text) => text.includes('[detached from reader]'));
  });
});
