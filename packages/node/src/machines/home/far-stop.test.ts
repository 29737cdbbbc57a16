/** Stops and starts of an agent elsewhere that are said while its machine is away: the last counts (rules A6, X3). */
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import { expect, test } from 'vitest';
import { AGENT, copy, far, type Log, RUN, ready, refusal } from './far.fixture.ts';

const stop = (here: Log) => here.do('agent.stop', { agent: AGENT }, LOCAL_OWNER);
const restart = (here: Log, run: string) =>
  here.do('agent.restart', { agent: AGENT, run, fresh: false }, LOCAL_OWNER);
const told = (here: Log) => far(here).unheard.map(({ type }) => type);

test('[X3] a stop that is said after a start is told too, and once', () => {
  const [here] = ready();
  stop(here);
  stop(here);
  expect(told(here)).toEqual(['agent.stop']);
  restart(here, 'eeeeeeeeeeee');
  stop(here);
  stop(here);
  expect(told(here)).toEqual(['agent.stop', 'agent.restart', 'agent.stop']);
});

test('[X3] a start of one that has ended is called off by a stop', () => {
  const [here, there] = ready();
  there.record([
    { type: 'agent.stopping', body: { agent: AGENT } },
    { type: 'agent.exited', body: { run: RUN, code: 0, signal: null, stderr: '' } },
  ]);
  copy(here, there);
  expect(refusal(() => stop(here)).code).toBe('not_running');
  restart(here, 'eeeeeeeeeeee');
  stop(here);
  expect(told(here)).toEqual(['agent.restart', 'agent.stop']);
});
