/** `skein attach` where something does not go on: the user's terminal, the program, the client itself (rule H8). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEAVE } from '@skein/node/terminal/reset';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { until } from './support/processes.ts';
import { PtyScreen } from './support/pty-screen.ts';

const DETACH = '\x1cd';
/** Turns on what a shell does not expect, and says so. */
const MODES = String.raw`printf '\033[?1049h\033[?1003h\033[?1006h\033[?2004hready'`;

let skein: Skein;
const terminals: PtyScreen[] = [];

beforeAll(() => {
  skein = new Skein();
});
afterAll(() => skein.destroy());
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.destroy();
});

function attach(name: string): PtyScreen {
  const terminal = new PtyScreen(...skein.words('attach', name), skein.env);
  terminals.push(terminal);
  return terminal;
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
