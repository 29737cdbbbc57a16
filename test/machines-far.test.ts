/** Agents of a session that run on another machine, as two real nodes do it (rules X1–X3, A4, A5). */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyOf } from '@skein/protocol/machines/copied';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { until } from './support/processes.ts';
import { Random } from './support/random.ts';

const place = realpathSync(mkdtempSync(join(tmpdir(), 'sk-far-')));
const work = join(place, 'work');
let worker: Skein;
let home: Skein;
let peer: string;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

beforeAll(async () => {
  mkdirSync(work, { recursive: true });
  worker = new Skein();
  home = new Skein();
  defineFake(worker.home);
  // Found at the same place after a restart.
  worker.run('mesh', '--on', '--listen', `127.0.0.1:${await freePort()}`);
  home.run('mesh', '--on');
  peer = home.json<{ peer: string }>('node', 'show').peer;
  home.run('node', 'add', worker.json<{ locator: string }>('node', 'show').locator, '--name', 'box');
  worker.run('grant', peer, '--agents', 'fake', '--dirs', work, '--max', '8');
}, 60_000);

afterAll(() => {
  for (const one of [home, worker]) one?.destroy();
  rmSync(place, { recursive: true, force: true });
});

const doing = (ref: string) => home.json<{ doing: string }[]>('agents', ref)[0]?.doing;

describe('[X1] an agent on another machine', () => {
  test('is prompted, asks, is answered, cancelled, stopped and started again as one of this machine', async () => {
    home.run('spawn', 'fake', '--on', 'box', '--dir', work, '-n', 'api');
    await until('it is ready', () => doing('api') === 'idle');
    expect(home.run('prompt', '-w', 'api', 'hello')).toContain('You said: hello');
    expect(home.run('transcript', 'api')).toContain('You said: hello');
    home.run('stop', 'api');
    await until('it has stopped', () => doing('api') === 'stopped');
    home.run('restart', 'api');
    await until('it is ready again', () => doing('api') === 'idle');
    expect(home.run('prompt', '-w', 'api', 'once more')).toContain('You said: once more');
    home.run('rm', '--force', 'api');
    await until('it is forgotten there', () => worker.json<unknown[]>('ls').length === 0);
  });
});

interface Event {
  type: string;
  at: number;
  offset: number;
  body: Record<string, unknown>;
  source?: { agent: string; epoch: number; offset: number };
}

const events = (of: Skein, ref: string) => of.json<Event[]>('events', ref);
const pidOf = (of: Skein) => of.json<{ pid: number }>('status').pid;

describe('[X2] a home, a worker and a link that fail', () => {
  /** Milliseconds from one fault to the next at most. */
  const BETWEEN_MS = 700;
  const FAULTS = ['home', 'worker', 'link'] as const;

  test('leave every event of the worker’s at home once, in order, and every prompt answered once', async () => {
    const random = new Random(20_261);
    home.run('spawn', 'fake', '--on', 'box', '--scratch', '-n', 'hurt');
    const [hosted] = worker.json<{ id: string }[]>('ls');
    const prompts = Array.from({ length: 9 }, (_, i) => `part ${i}`);
    const felt: string[] = [];
    for (const [i, text] of prompts.entries()) {
      home.run('prompt', 'hurt', i % 3 === 0 ? steps({ do: 'long', pieces: 50 }, { do: 'say', text }) : text);
      const fault = FAULTS[i % FAULTS.length] as (typeof FAULTS)[number];
      await new Promise((resolve) => setTimeout(resolve, random.int(0, BETWEEN_MS)));
      felt.push(fault);
      if (fault === 'link') {
        home.run('node', 'block', 'box');
        home.run('node', 'unblock', 'box');
      } else process.kill(pidOf(fault === 'home' ? home : worker), 'SIGKILL');
      // The next command of either starts its node again.
      worker.run('ls');
    }
    await until('all is answered', () => {
      const [one] = home.json<{ queue: number; turns: number; doing: string }[]>('agents', 'hurt');
      return one?.turns === prompts.length && one.queue === 0 && one.doing === 'idle';
    });
    const there = events(worker, hosted?.id ?? '');
    const agent = String(there.find(({ type }) => type === 'agent.added')?.body.agent);
    const wanted = there.flatMap((event) => {
      const copy = copyOf(agent, event);
      return copy === undefined ? [] : [{ ...copy, at: event.at, offset: event.offset }];
    });
    const here = events(home, 'hurt').filter(({ source }) => source !== undefined);
    const got = here.map(({ type, body, at, source }) => ({ type, body, at, offset: source?.offset }));
    // That its first run was to start home knew.
    expect(got).toEqual(wanted.filter(({ type }, i) => !(i === 0 && type === 'agent.starting')));
    const said = home.run('transcript', 'hurt');
    for (const text of prompts) expect(said.split(text).length, `${text} after ${felt}`).toBe(3);
  }, 120_000);
});
