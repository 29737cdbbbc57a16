/** `skein top` in a real terminal and without one, on real programs and agents (rules U3, U4). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Client } from '@skein/protocol/client/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { kill } from './support/processes.ts';
import { PtyScreen } from './support/pty-screen.ts';
import { connectTo, defineTalking, openTalking } from './support/talking.ts';

let skein: Skein;
let client: Client;
let shown: PtyScreen[] = [];

beforeAll(async () => {
  skein = new Skein();
  skein.run('up');
  defineTalking(skein.home);
  client = await connectTo(skein.home);
  await openTalking(client, 'talk', skein.home, ['ann']);
  skein.run('run', '-d', '--name', 'busy', '--', 'sh', '-c', 'while :; do :; done & sleep 600; kill $!');
  skein.run('run', '-d', '--name', 'quiet', '--', 'cat');
});
afterEach(() => {
  for (const one of shown) one.destroy();
  shown = [];
});
afterAll(() => {
  client.close();
  skein.destroy();
});

function top(cols: number, rows = 24, env: NodeJS.ProcessEnv = {}, words: string[] = []): PtyScreen {
  const one = new PtyScreen(...skein.words('top', ...words), { ...skein.env, ...env }, cols, rows);
  shown.push(one);
  return one;
}

const rowOf = (text: string, name: string) => text.split('\n').find((line) => line.startsWith(name)) ?? '';

interface Told {
  machines: { name: string; here: boolean; machine: { cores: number } }[];
  rows: { ref: string; kind: string; state: string; cpu: number; memory: number; agent: string | null }[];
}

describe('without a terminal', () => {
  test('[U3] a table once, and one JSON object: each program with all that it has started', () => {
    const table = skein.run('top');
    expect(table).toMatch(/^NAME +STATE +CPU/m);
    expect(rowOf(table, 'quiet')).toContain('cat');
    const { machines, rows } = skein.json<Told>('top', '--sort', 'cpu');
    expect(machines).toMatchObject([{ here: true }]);
    expect(rows[0]?.ref).toBe('busy');
    // The loop is a child of the session's program, and has its core to itself only where nobody else wants it.
    expect(rows[0]?.cpu).toBeGreaterThan(0.1);
    expect(rows.find(({ ref }) => ref === 'talk/ann')).toMatchObject({ kind: 'agent', state: 'idle' });
    for (const { memory } of rows) expect(memory).toBeGreaterThan(50_000);
    expect(skein.json<Told>('top', '--filter', 'ann').rows).toHaveLength(1);
  });

  test('[U3] a line of JSON at each look, for as long as it is read', async () => {
    const [program, words] = skein.words('top', '--json', '--follow', '--every', '1s');
    const child = spawn(program, words, { env: skein.env, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value ?? 'null');
    const [one, two] = [await next(), await next()];
    expect(two.at).toBeGreaterThan(one.at);
    expect(two.rows).toHaveLength(one.rows.length);
    child.stdout.destroy();
    await once(child, 'exit');
  });

  test('[U3] what is wrong is told with what would be right', () => {
    expect(skein.try(['top', '--sort', 'size']).stderr).toContain('--sort takes state, cpu, mem, cost, name');
    expect(skein.try(['top', '--follow']).stderr).toContain('skein top --json --follow');
  });
});

describe('on a terminal', () => {
  test('[U4] it follows what happens, is sorted and filtered by keys, and resized from 60 columns to 200', async () => {
    const one = top(60);
    await one.until('all of them', (text) =>
      ['busy', 'quiet', 'talk/ann'].every((name) => text.includes(name)),
    );
    expect(one.text).not.toContain('RUNS');
    one.type('c');
    await one.until('the busy one first', (text) => /\n *NAME[^\n]*\nbusy/.test(text));
    one.resize(200, 30);
    await one.shows('RUNS');
    one.type('/ann\r');
    await one.until('one row', (text) => text.includes('talk/ann') && !text.includes('busy'));
    skein.run('prompt', 'talk', 'stream 10000 20');
    await one.until('its turn', (text) => /talk\/ann +working/.test(text));
    skein.run('cancel', 'talk');
    await one.until('its end', (text) => /talk\/ann +idle/.test(text));
    one.type('q');
    await one.until('the end', () => one.ended !== undefined);
    expect(one.ended?.exitCode).toBe(0);
    expect(one.raw).toContain('\x1b[?1049l');
  });

  test('[U4] enter attaches to what is chosen and comes back; x stops it after a yes', async () => {
    skein.run('run', '-d', '--name', 'victim', '--', 'cat');
    const one = top(100, 24, {}, ['--filter', 'victim']);
    await one.until('its row', (text) => /^victim +running/m.test(text));
    one.type('\r');
    await one.until('the program itself', (text) => !text.includes('skein top'));
    one.type('hello\r');
    await one.until('what cat says', (text) => text.split('hello').length > 2);
    one.type('\x1cd');
    await one.until('the table again', (text) => text.includes('skein top') && text.includes('victim'));
    one.type('x');
    await one.shows('Stop the program of victim?');
    one.type('n');
    await one.until('no question', (text) => !text.includes('Stop the'));
    one.type('x');
    await one.shows('Stop the program of victim?');
    one.type('y');
    await one.shows('None of');
  });

  test('[U4] enter on an agent opens its chat, and leaving that comes back to the same row', async () => {
    const one = top(100, 24, {}, ['--filter', 'talk']);
    await one.until('its row', (text) => /^talk\/ann +idle/m.test(text));
    one.type('\r');
    await one.shows('write to the agent');
    one.type('\x04');
    await one.until(
      'the table again',
      (text) => text.includes('skein top') && /^talk\/ann +idle/m.test(text),
    );
    one.type('q');
    await one.until('the end', () => one.ended !== undefined);
    expect(one.ended?.exitCode).toBe(0);
  });

  test('[U4] no colours where none are wanted, but what is chosen is seen', async () => {
    const one = top(80, 24, { NO_COLOR: '1' });
    await one.shows('talk/ann');
    expect(one.raw).not.toMatch(/\x1b\[[\d;]*3[0-7]m/);
    expect(one.raw).toContain('\x1b[7m');
  });

  test('[C4] a node that was killed is started again under it, and everything is there', async () => {
    const one = top(90);
    await one.shows('quiet');
    const { pid } = skein.json<{ pid: number }>('status');
    kill(pid, 'SIGKILL');
    // Only then is it this one that starts it again, and has when the table is back.
    await one.shows('has not answered');
    await one.until('the table', (text) => text.includes('quiet') && !text.includes('has not answered'));
    expect(skein.json<{ pid: number }>('status').pid).not.toBe(pid);
  });
});
