/** A worker killed at any step of placing another machine's agent (rules X1, X2, H4, K4): placed again, it is there once. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { HostedCommands } from '@skein/protocol/machines/commands';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NodeProcess } from './support/node-process.ts';
import { until } from './support/processes.ts';
import { connectAway, connectNode } from './support/transport.ts';
import { TwoMachines } from './support/two-machines.ts';

/** Milliseconds after the command was sent at which the worker is killed: from its decision to an agent that is ready. */
const MOMENTS = [0, 2, 4, 7, 10, 15, 20, 30, 45, 60, 90, 120, 160, 220, 300, 450];

interface Event {
  type: string;
  body: Record<string, unknown>;
}

const machines = new TwoMachines();
const { home, worker, work } = machines;
let node: NodeProcess;
let far: Client;

beforeAll(async () => {
  mkdirSync(join(work, 'api'));
  node = await NodeProcess.start(worker.home);
  await machines.meet('restart: {when: on-failure, most: 5, delay: 100ms}\n');
  machines.grant('--dirs', work, '--max', '64');
  far = await connectAway(home.home, 'box', { retryFor: 60_000 });
}, 60_000);

afterAll(async () => {
  far?.close();
  await node?.stop();
  machines.destroy();
});

/** The processes that have been started for an agent. */
function processesOf(agent: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SKEIN_AGENT=${agent}\0`)
      );
    } catch {
      return false;
    }
  });
}

test.skipIf(process.platform !== 'linux')(
  '[X1] [X2] an agent that is placed while its worker is killed, whenever that is, is there once and does what it is told once',
  async () => {
    for (const ms of MOMENTS) {
      const ids = { id: newId(), session: newId(), agent: newId(), run: newId(), taker: newId() };
      const names = { node: 'laptop', name: 'api', definition: 'fake', called: 'fake' };
      const place = ms % 4 === 0 ? ({ scratch: true } as const) : { dir: join(work, 'api') };
      const body: HostedCommands['hosted.place'] = { ...ids, ...names, place };
      const { id, agent } = ids;
      const placed = far.command('node', 'hosted.place', body);
      await new Promise((resolve) => setTimeout(resolve, ms));
      await node.kill();
      node = await NodeProcess.start(worker.home);
      const reply = { id, term: 60_000, away: 'stop', claims: 'hold' };
      expect(await placed).toEqual(reply);
      // As a home does that was killed itself, and does not know that it has asked.
      expect(await far.command('node', 'hosted.place', body)).toEqual(reply);
      const prompt = { agent, prompt: newId(), parts: [{ type: 'text', text: `after ${ms}` }] };
      const own = await connectNode(worker.home);
      const look = async () => (await own.ask('session', { ref: id })).agents[agent];
      await until(`it runs (${ms} ms)`, async () => (await look())?.run?.ready === true);
      const tell = { epoch: 1, n: 1, type: 'prompt.queue', body: prompt };
      for (let i = 0; i < 2; i++)
        expect(await far.command(`session/${id}`, 'home.tell', tell)).toEqual({ n: 1, heard: 1 });
      await until(`it has answered (${ms} ms)`, async () => ((await look())?.turns ?? 0) > 0);
      own.close();
      const types = worker.json<Event[]>('events', id).map(({ type }) => type);
      const times = (type: string) => types.filter((one) => one === type).length;
      expect({ ms, created: times('session.created'), added: times('agent.added') }).toEqual({
        ms,
        created: 1,
        added: 1,
      });
      expect([
        times('lease.taken'),
        times('prompt.queued'),
        times('home.heard'),
        times('turn.started'),
      ]).toEqual([1, 1, 1, 1]);
      expect(processesOf(agent)).toHaveLength(1);
    }
    expect(worker.json<unknown[]>('ls')).toHaveLength(MOMENTS.length);
  },
  120_000,
);
