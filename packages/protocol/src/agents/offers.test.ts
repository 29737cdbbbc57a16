/** What agents offer, in their state (rules L5, A1): the present run's, bounded, the same from a snapshot as from the events. */
import { expect, test } from 'vitest';
import { pack, unpack } from '../codec.ts';
import type { StoredEvent } from '../sessions/events.ts';
import { MAX_OFFERED, MAX_OFFERED_COMMANDS } from './limits.ts';
import { NO_OFFERS, offersOf } from './offers.ts';
import { type Agents, NO_AGENTS, reduceAgents } from './state.ts';

let clock = 1;
const event = (type: string, body: object): StoredEvent => ({ type, at: clock++, by: null, body });
const choices = (...ids: string[]) =>
  ids.map((id) => ({ id, name: id.toUpperCase(), description: `Is ${id}` }));
const starting = (run: string) => event('agent.starting', { agent: 'a', run, resume: null, attempt: 0 });
const offers = (run: string, told: object) => event('agent.offers', { run, ...told });

const life = [
  event('agent.added', { agent: 'a', name: 'n', definition: 'd', cwd: '/' }),
  starting('r1'),
  offers('r1', { modes: { current: 'ask', list: choices('ask', 'code') }, commands: choices('compact') }),
  offers('r1', { models: { current: 'm', list: choices('m') } }),
  offers('r1', { modes: { current: 'code', list: choices('ask', 'code') } }),
  offers('older', { modes: { current: 'x', list: choices('x') } }),
];
const after = (events: readonly StoredEvent[], from: Agents = NO_AGENTS) =>
  events.reduce((state, one, at) => reduceAgents(state, one, at), from);
const agentIn = ({ agents }: Agents) => agents.a ?? {};

test('[A1] what is told replaces what was said of it before, and of its present run alone', () => {
  expect(agentIn(after(life))).toMatchObject({
    mode: 'code',
    model: 'm',
    offers: { modes: choices('ask', 'code'), models: choices('m'), commands: choices('compact') },
  });
  for (const end of [
    starting('r2'),
    event('agent.exited', { run: 'r1', code: 0, signal: null, stderr: '' }),
    event('agent.lost', { agent: 'a', run: 'r1', why: 'gone' }),
  ])
    expect(offersOf(agentIn(after([...life, end])))).toEqual(NO_OFFERS);
  expect(offersOf({})).toEqual(NO_OFFERS);
});

test('[L5] stored at any event and gone on from, the state has the same bytes', () => {
  for (let cut = 0; cut <= life.length; cut++) {
    const stored = unpack(pack(after(life.slice(0, cut)))) as Agents;
    expect(pack(after(life.slice(cut), stored))).toEqual(pack(after(life)));
  }
});

test('[A1] however much is offered, a state holds little of it', () => {
  const many = Array.from({ length: 512 }, (_, i) => ({
    id: `${i}`,
    name: '👋'.repeat(500),
    description: 'y'.repeat(1024),
  }));
  const told = { modes: { current: '1', list: many }, models: { current: '1', list: many }, commands: many };
  const state = after([...life, offers('r1', told)]);
  const { modes, models, commands } = offersOf(agentIn(state));
  expect([modes.length, models.length, commands.length]).toEqual([
    MAX_OFFERED,
    MAX_OFFERED,
    MAX_OFFERED_COMMANDS,
  ]);
  expect(commands[0]?.name.isWellFormed()).toBe(true);
  expect(pack(state).length).toBeLessThan(192 * 1024);
});
