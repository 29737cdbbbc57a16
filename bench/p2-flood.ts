/** P2 and P2b: `cat` of 100 MB to an attached terminal, and the same while ten more look on, five of them frozen. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Side } from './lib/attempt.ts';
import { type Contestant, SHELL } from './lib/contestant.ts';
import { MEBIBYTE, pss } from './lib/memory.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { LAUNCHER, type Skein, skein } from './lib/skein.ts';
import { median, orNone } from './lib/stats.ts';
import { atEnd, killQuietly } from './lib/teardown.ts';
import type { Terminal } from './lib/terminal.ts';
import { tmux } from './lib/tmux.ts';

const MEGABYTE = 1e6;
const SESSION = 'flood';
const READING = 5;
const FROZEN = 5;

/** Milliseconds between looks at memory, and at a screen that lags. */
const LOOK_MS = 50;

export const p2: Family = { ids: ['P2', 'P2b'], run: runFlood };

interface Flood {
  ms: number;
  bytes: number;
}

async function runFlood({ quick, say }: BenchOptions): Promise<Row[]> {
  const rounds = quick ? 3 : 5;
  const bytes = (quick ? 30 : 100) * MEGABYTE;
  const file = writeText(bytes);
  const product = skein('all');
  const ours = new Side('skein', product);
  const theirs = new Side('tmux', tmux('all'));
  const found = { ours: [] as Flood[], theirs: [] as Flood[], lags: [] as number[], crowded: [] as Flood[] };
  const terminals = [await ours.attempt(openShell), await theirs.attempt(openShell)];
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of [ours, theirs].entries()) {
      const terminal = terminals[index];
      if (terminal === undefined) continue;
      say(`P2 ${side.name}, round ${round + 1} of ${rounds}`);
      const one = await side.attempt(() => flood(terminal, file, round));
      if (one === undefined) continue;
      (side === ours ? found.ours : found.theirs).push(one);
      const { use } = product;
      if (side === ours && use !== undefined) {
        const lag = await side.attempt(() => screenLag(use, round));
        if (lag !== undefined) found.lags.push(lag);
      }
    }
  }
  const terminal = terminals[0];
  const { use } = product;
  let grown: number | undefined;
  if (terminal !== undefined && use !== undefined) {
    grown = await ours.attempt(() => crowd(use, terminal, file, rounds, found.crowded, say));
  }
  for (const one of terminals) await one?.close();
  ours.stop();
  theirs.stop();
  const time = (floods: Flood[]) =>
    orNone(
      floods.map((one) => one.ms),
      median,
    );
  const told = (floods: Flood[]) =>
    orNone(
      floods.map((one) => one.bytes),
      median,
    );
  const alone = time(found.ours);
  const lag = orNone(found.lags, median);
  const oursTold = told(found.ours);
  return [
    row({
      id: 'P2',
      what: `cat of ${bytes / MEGABYTE} MB to one attached client; peer tmux`,
      unit: 'ms',
      ours: alone,
      peer: time(found.theirs),
      target: 'time ≤ 1.0×, all bytes delivered',
      met: (_, ratio) => ratio <= 1 && (oursTold ?? 0) >= bytes,
      extra: {
        ...(oursTold === undefined ? {} : { 'MB delivered': oursTold / MEGABYTE }),
        ...(lag === undefined ? {} : { "emulator's lag ms": lag }),
        'tmux MB delivered': (told(found.theirs) ?? 0) / MEGABYTE,
      },
      notes: [ours.note, theirs.note],
    }),
    row({
      id: 'P2b',
      what: `the same with ${READING + FROZEN} more viewers, ${FROZEN} of them frozen; peer P2`,
      unit: 'ms',
      ours: time(found.crowded),
      peer: alone,
      target: 'time ≤ 1.2×, node + host grow ≤ 64 MiB',
      met: (_, ratio) => ratio <= 1.2 && (grown ?? Number.POSITIVE_INFINITY) <= 64 * MEBIBYTE,
      extra: grown === undefined ? {} : { 'grown MiB': grown / MEBIBYTE },
      notes: [ours.note],
    }),
  ];
}

/** Lines of 79 characters, none like the one before, so that no screen can take a short cut. */
function writeText(bytes: number): string {
  const directory = mkdtempSync('/tmp/skb-');
  atEnd(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'text');
  const lines: string[] = [];
  for (let n = 0; n * 80 < bytes; n++) {
    const number = String(n).padStart(9, '0');
    lines.push(
      `${number} ${String.fromCharCode(97 + (n % 26)).repeat(40)} the quick brown fox, ${number}\n`.padStart(
        80,
        '.',
      ),
    );
  }
  writeFileSync(file, lines.join(''));
  return file;
}

async function openShell(side: Contestant): Promise<Terminal> {
  await side.start(SESSION, SHELL);
  const terminal = side.attach(SESSION);
  await terminal.quiet(400);
  return terminal;
}

/** From the command's return key until the line after the file is on the terminal. */
async function flood(terminal: Terminal, file: string, round: number): Promise<Flood> {
  const before = terminal.received;
  const began = performance.now();
  // The echo of the command must not look like what it prints.
  terminal.write(`cat ${file}; echo DO''NE${round}.\r`);
  const ended = await terminal.waitFor(`DONE${round}.`);
  await terminal.quiet(100);
  return { ms: ended - began, bytes: terminal.received - before };
}

/** Milliseconds from the last byte on the terminal until the node's own screen shows it. */
async function screenLag(product: Skein, round: number): Promise<number> {
  const began = performance.now();
  // flood() waited that long for quiet.
  const waited = 100;
  for (;;) {
    const screen = await product.cli('screen', '--text', SESSION);
    if (screen.includes(`DONE${round}.`)) return performance.now() - began + waited;
    if (performance.now() - began > 30_000) throw new Error('the screen never showed the end of the output');
    await sleep(LOOK_MS);
  }
}

/** Repeats the flood with more viewers; returns by how much node and hosts grew at most, in bytes. */
async function crowd(
  product: Skein,
  terminal: Terminal,
  file: string,
  rounds: number,
  into: Flood[],
  say: BenchOptions['say'],
): Promise<number | undefined> {
  const status = await product.status();
  const pids = [status.pid, ...status.hosts.map((host) => host.pid)];
  const viewers = await startViewers(product);
  const before = pss(pids);
  let most = before;
  const watch = setInterval(() => {
    const now = pss(pids);
    if (now !== undefined && most !== undefined && now > most) most = now;
  }, LOOK_MS);
  try {
    for (let round = 0; round < rounds; round++) {
      say(`P2b, round ${round + 1} of ${rounds}`);
      into.push(await flood(terminal, file, 100 + round));
    }
  } finally {
    clearInterval(watch);
    viewers();
  }
  return before === undefined || most === undefined ? undefined : most - before;
}

/** The viewers live in a process of their own, so that reading them costs the harness nothing. */
async function startViewers(product: Skein): Promise<() => void> {
  const words = [join(import.meta.dirname, 'lib/viewers.ts'), LAUNCHER, SESSION, `${READING}`, `${FROZEN}`];
  const child = spawn(process.execPath, words, { env: product.env, stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = atEnd(() => {
    if (child.pid !== undefined) killQuietly(child.pid, 'SIGTERM');
  });
  const ready = once(child.stdout, 'data');
  const died = once(child, 'exit').then(() => Promise.reject(new Error('the viewers ended early')));
  died.catch(() => {});
  await Promise.race([ready, died]);
  return stop;
}
