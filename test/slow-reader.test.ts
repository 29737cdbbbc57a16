/** Commands whose reader stops, as a pager does, for longer than a silent connection is kept (rules C2, C4). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEAD_MS } from '@skein/protocol/limits';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { until } from './support/processes.ts';

const LINES = 300_000;
/** Lines of 50 MiB in all, of one byte, of two and of four. */
const LINE = 'xé🙂'.repeat(12);
const MANY = 600_000;
let skein: Skein;
beforeAll(async () => {
  skein = new Skein();
  skein.run('run', '-d', '--name', 'big', '--', 'seq', `${LINES}`);
  await until('its end', () => skein.json<[{ state: string }]>('ls')[0].state === 'exited');
});
afterAll(() => skein.destroy());

/** What a command printed to somebody who began to read so late, and its exit status. */
async function readLate(...args: string[]): Promise<[string, number | null]> {
  const child = spawn(...skein.words(...args), { env: skein.env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await sleep(DEAD_MS + 2_000);
  return [await text(child.stdout), await ended];
}

test('[C4] an export is whole however late it is read', { timeout: 60_000 }, async () => {
  const wanted = Array.from({ length: LINES }, (_, n) => `${n + 1}\n`).join('');
  const [record, plain, parts] = await Promise.all([
    readLate('export', 'big'),
    readLate('export', 'big', '--format', 'text'),
    readLate('output', 'big', '--follow', '--json'),
  ]);
  expect(plain).toEqual([wanted, 0]);
  const objects = record[0]
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const printed = objects.flatMap(({ kind, text: piece }) => (kind === 'output' ? [piece] : [])).join('');
  expect([printed.replaceAll('\r', ''), record[1]]).toEqual([wanted, 0]);
  expect(objects.at(-1)).toMatchObject({ kind: 'event', type: 'run.exited' });
  const bytes = parts[0]
    .trimEnd()
    .split('\n')
    .map((line) => Buffer.from(JSON.parse(line).data, 'base64'));
  expect([`${Buffer.concat(bytes)}`.replaceAll('\r', ''), parts[1]]).toEqual([wanted, 0]);
});

test.each([
  ['output', 'many', '--json'],
  ['export', 'many', '--format', 'text', '--json'],
])(
  '[C2] %s %s … is one value that nobody holds whole',
  async (...words) => {
    if (!skein.try(['screen', 'many']).stdout) {
      skein.run('run', '-d', '--name', 'many', '--', 'sh', '-c', `yes ${LINE} | head -n ${MANY}`);
      skein.run('wait', 'many');
    }
    const child = spawn(...skein.words(...words), { env: skein.env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await once(child.stdout, 'readable');
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
    const { data, text: plain = Buffer.from(data ?? '', 'base64').toString() } = JSON.parse(
      await text(child.stdout),
    );
    expect((await ended)[0]).toBe(0);
    expect(plain.replaceAll('\r', '') === `${LINE}\n`.repeat(MANY)).toBe(true);
    expect(peak).toBeLessThan(160 * 1024 ** 2);
  },
  60_000,
);

test('[K5] a record tells bytes that are no text as they were', async () => {
  skein.run('run', '-d', '--name', 'odd', '--', 'sh', '-c', String.raw`printf 'a\377\376b\342\202'; cat`);
  await until('its output', () => skein.try(['output', 'odd']).stdout.includes('b'));
  const lines = () =>
    skein
      .run('export', 'odd')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const pieces = lines().filter(({ kind }) => kind === 'output');
  expect(Buffer.concat(pieces.map(({ data }) => Buffer.from(data ?? '', 'base64'))).toString('latin1')).toBe(
    'a\xff\xfeb\xe2\x82',
  );
  expect(pieces.map(({ text: piece }) => piece).join('')).toBe('a\ufffd\ufffdb\ufffd');
});
