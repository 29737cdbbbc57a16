/** What a program types by the client library: in order, of any length, and refused for the reason that there is (rules H3, K5). */
import { once } from 'node:events';
import net from 'node:net';
import { type Skein as Connected, connectSkein } from '@skein/client';
import type { SkeinTerminal } from '@skein/client/terminal';
import { MAX_TYPED } from '@skein/protocol/tools/limits';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { hostsOf } from './support/home.ts';
import { until } from './support/processes.ts';

/** Connections to a host that have not said who they are: as many as it has room for. */
const STRANGERS = 64;

let skein: Skein;
let connected: Connected;

beforeAll(async () => {
  skein = new Skein();
  skein.run('up');
  connected = await connectSkein({ home: skein.home, start: false });
});
afterAll(() => {
  connected.close();
  skein.destroy();
});

/** A program that prints the lines that it reads, once it does. */
async function reader(name: string): Promise<SkeinTerminal> {
  const argv = ['sh', '-c', 'stty -echo; echo ready; exec cat'] as const;
  const terminal = await connected.run(argv, { name, cwd: skein.home });
  await until('it reads', async () => (await terminal.screen()).startsWith('ready'));
  return terminal;
}

async function linesOf(terminal: SkeinTerminal, name: string): Promise<string[]> {
  await terminal.type('', 'ctrl-d');
  expect(await terminal.ended()).toEqual({ code: 0, signal: null });
  return skein.run('output', name).split('\r\n').slice(1, -1);
}

test('[H3] what is typed without waiting for what was typed before arrives all the same, and in order', async () => {
  const first = await reader('many');
  const same = await connected.terminal('many');
  const wanted = Array.from({ length: 300 }, (_, n) => `${n}`);
  await Promise.all(wanted.map((text, n) => (n % 2 === 0 ? first : same).type(text, 'enter')));
  expect(await linesOf(first, 'many')).toEqual(wanted);
});

test('[H3] a text longer than a call may have is typed whole', async () => {
  const terminal = await reader('long');
  // What stands where a piece of the greatest length ends is a pair, which must not be cut.
  const lines = Array.from({ length: 255 }, () => 'y'.repeat(63));
  const wanted = ['x'.repeat(62), ...lines, '\u{1f600} past the first piece'];
  expect(wanted.join('\n').codePointAt(MAX_TYPED - 1)).toBe(0x1f600);
  await terminal.type(wanted.join('\n'), 'enter');
  expect(await linesOf(terminal, 'long')).toEqual(wanted);
});

test('[K5] where the host has no room, that is the reason, and not an end of the program', async () => {
  const terminal = await reader('room');
  const [{ socket = '' } = {}] = hostsOf(skein.home);
  const strangers = Array.from({ length: STRANGERS }, () => net.connect(socket));
  try {
    await Promise.all(strangers.map((one) => once(one, 'connect')));
    await expect(terminal.type('x')).rejects.toMatchObject({ code: 'mailbox_full' });
  } finally {
    for (const one of strangers) one.destroy();
  }
  await until('there is room', () =>
    terminal.type('y', 'enter').then(
      () => true,
      () => false,
    ),
  );
  expect(await linesOf(terminal, 'room')).toEqual(['y']);
});
