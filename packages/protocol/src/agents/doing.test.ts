/** What an agent does, in one word (rule A6). */
import { expect, test } from 'vitest';
import type { StoredEvent } from '../sessions/events.ts';
import { emptySession, reduceSession } from '../sessions/state.ts';
import { doing } from './state.ts';

const ids = { agent: 'a', run: 'r' };
const events = (pty: object, ...more: [string, object][]): StoredEvent[] =>
  (
    [
      ['agent.added', { agent: 'a', name: 'one', definition: 'one', cwd: '/w', ...pty }],
      ['agent.starting', { ...ids, resume: null, attempt: 0 }],
      ...more,
    ] as const
  ).map(([type, body], at) => ({ type, at, by: null, body }));
const started = { ...ids, host: 'h', driver: 'acp', pid: 7, start: 't', stuckAfter: 0 };
const restart = { when: 'never', most: 0, delay: 1 };
const begun = ['agent.started', { ...started, restart }] as [string, object];

function doesAfter(all: readonly StoredEvent[]): string {
  const state = all.reduce(reduceSession, emptySession('s'));
  const agent = state.agents.a;
  return agent === undefined ? 'nothing' : doing(agent, state);
}

test('[A6] one whose process is there and that is not ready yet is starting, and not idle', () => {
  expect(doesAfter(events({}))).toBe('starting');
  expect(doesAfter(events({}, begun))).toBe('starting');
  expect(doesAfter(events({}, begun, ['agent.ready', { run: 'r' }]))).toBe('idle');
});

test('[A7] one in a terminal is seen to be there by whoever sits before it', () => {
  expect(doesAfter(events({ pty: true }, begun))).toBe('idle');
});
