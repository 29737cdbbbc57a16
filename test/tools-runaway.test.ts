/** Agents that get out of hand: stopped at their limits, in words, with a node that goes on, killed in between or not (rule N2). */

import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { emptySession, reduceSession } from '@skein/protocol/sessions/state';
import { MAX_PROMPTS_A_MINUTE } from '@skein/protocol/tools/limits';
import { aliveBelow } from '@skein/protocol/tools/lineage';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defineFake } from './support/fake-definition.ts';
import { LogReader } from './support/follow-log.ts';
import { destroyHome, makeHome } from './support/home.ts';
import { NodeProcess } from './support/node-process.ts';
import { defineAgent } from './support/played.ts';
import { until } from './support/processes.ts';
import { connectNode } from './support/transport.ts';

const CHILDREN = 6;
/** Milliseconds in which a node answers whatever its agents do: far more than it takes, on a machine that others use. */
const ANSWERED_MS = 2_000;

let home: string;
let node: NodeProcess;
let client: Client;

beforeEach(async () => {
  home = makeHome();
  defineFake(home);
  defineAgent(home, 'runaway', {
    driver: 'acp',
    command: process.execPath,
    args: [join(import.meta.dirname, 'support/runaway-agent.ts')],
  });
  node = await NodeProcess.start(home);
  client = await connectNode(home, { retryFor: 20_000 });
}, 30_000);
afterEach(async () => {
  client?.close();
  await node?.kill();
  destroyHome(home);
});

async function open(direct: object): Promise<{ session: string; agent: string }> {
  const [session, agent] = [newId(), newId()];
  const spec = { agent, run: newId(), definition: 'runaway', name: 'root', direct };
  await client.command('node', 'session.open', { id: session, cwd: '/tmp', agent: spec });
  return { session, agent };
}
const prompt = (session: string, agent: string, text: string) =>
  client.command(`session/${session}`, 'prompt.queue', {
    agent,
    prompt: newId(),
    parts: [{ type: 'text', text }],
  });

/** Nobody works any more, and nothing waits. */
async function quiet(session: string): Promise<void> {
  await until(
    'all agents have given up',
    async () => {
      const { agents } = await client.ask('session', { ref: session });
      return Object.values(agents).every(
        ({ life, run, turn, queue, turns }) =>
          life === 'running' && run?.ready === true && turn === null && queue.length === 0 && turns > 0,
      );
    },
    60_000,
  );
}

async function eventsOf(session: string): Promise<StoredEvent[]> {
  const reader = new LogReader(`session/${session}`);
  await reader.catchUp(client);
  expect(reader.problems).toEqual([]);
  return reader.events;
}

/** Milliseconds that the node took for an answer, at most, while `busy`. */
async function slowest(busy: Promise<unknown>): Promise<number> {
  let [most, over] = [0, false];
  void busy.finally(() => {
    over = true;
  });
  while (!over) {
    const began = performance.now();
    await client.ask('status', {});
    most = Math.max(most, performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return most;
}

/** What was said by an agent, in all. */
const said = (events: StoredEvent[]) =>
  events
    .filter(({ type }) => type === 'message.delta')
    .map(({ body }) => (body as { text: string }).text)
    .join('');

describe('runaways', () => {
  for (const killed of [false, true])
    test(`[N2] agents that start agents that start agents stop at their limits and say so${killed ? ', the node killed in between' : ''}`, async () => {
      const { session, agent } = await open({ depth: 3, spawn: CHILDREN });
      await prompt(session, agent, 'spread');
      if (killed) {
        await until('some are started', async () => {
          const { agents } = await client.ask('session', { ref: session });
          return Object.keys(agents).length >= 3;
        });
        await node.kill();
        node = await NodeProcess.start(home);
      }
      const busy = quiet(session);
      if (killed) await busy;
      else expect(await slowest(busy)).toBeLessThan(ANSWERED_MS);
      const events = await eventsOf(session);
      let state = emptySession(session);
      for (const [i, event] of events.entries()) {
        state = reduceSession(state, event, i + 1);
        expect(aliveBelow(state, agent)).toBeLessThanOrEqual(CHILDREN);
        for (const one of Object.values(state.agents)) expect(one.above?.length ?? 0).toBeLessThanOrEqual(3);
      }
      expect(aliveBelow(state, agent)).toBe(CHILDREN);
      const reached = events.filter(({ type }) => type === 'limit.reached').map(({ body }) => body);
      expect(reached).toContainEqual({ agent, which: 'spawn', limit: CHILDREN });
      expect(said(events)).toContain('limit_reached: 6 agents are alive below');
      // Told once a minute at most of each agent and limit, however often it was refused.
      expect(new Set(reached.map((one) => JSON.stringify(one))).size).toBe(reached.length);
    }, 90_000);

  test('[N2] agents that message each other for ever are slowed down, and told so', async () => {
    const { session, agent } = await open({});
    const other = newId();
    const spec = { agent: other, run: newId(), definition: 'runaway', name: 'other' };
    await client.command(`session/${session}`, 'agent.add', spec);
    await prompt(session, agent, 'tell other');
    await quiet(session);
    const events = await eventsOf(session);
    for (const one of [agent, other]) {
      const given = events.filter(
        ({ type, by }) => type === 'prompt.queued' && (by as { agent?: string }).agent === one,
      );
      expect(given).toHaveLength(MAX_PROMPTS_A_MINUTE);
      expect(events.map(({ type, body }) => [type, body])).toContainEqual([
        'limit.reached',
        { agent: one, which: 'prompts', limit: MAX_PROMPTS_A_MINUTE },
      ]);
    }
    expect(said(events)).toContain('limit_reached: You have given others 30 prompts within a minute');
  }, 90_000);
});
