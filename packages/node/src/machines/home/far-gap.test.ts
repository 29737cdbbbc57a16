/** What becomes at home of a prompt whose machine has lost a part of its log (rules X2, A4): neither waited for for ever, nor handed over twice. */
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import { expect, test } from 'vitest';
import { AGENT, copy, far, type Log, RUN, ready } from './far.fixture.ts';

const prompt = (log: Log, id: string) =>
  log.do('prompt.queue', { agent: AGENT, prompt: id, parts: [{ type: 'text', text: id }] }, LOCAL_OWNER);
const [FIRST, SECOND] = ['ffffffffffff', 'ssssssssssss'];
const queue = (log: Log) => log.state.agents[AGENT]?.queue.map((one) => one.prompt);
const told = (log: Log) => far(log).unheard.map(({ n, type, body }) => [n, type, body]);
const queued = (id: string) => ({
  type: 'prompt.queued',
  body: { agent: AGENT, prompt: id, parts: [], preview: '' },
});
const heard = (n: number, error?: object) => ({ type: 'home.heard', body: { n, ...(error && { error }) } });

/** Home, which knows that its first prompt was heard; then a part of the worker's log is lost. */
function lost(what: 'all of it' | 'what came after') {
  const [here, there] = ready();
  prompt(here, FIRST);
  prompt(here, SECOND);
  there.record([queued(FIRST), heard(1)]);
  copy(here, there);
  expect(told(here)).toEqual([]);
  if (what === 'all of it') there.events.splice(3);
  there.record([{ type: 'log.epoch', body: {} }]);
  const offset = what === 'all of it' ? 3 : 5;
  here.do('far.gap', { agent: AGENT, epoch: 78, offset, why: 'It was repaired.' });
  return { here, there, goOn: () => copy(here, there, undefined, 100, 78) };
}

test('[X2] a prompt that was lost there is taken out of the queue in words, and the next is given', () => {
  const { here, there, goOn } = lost('all of it');
  expect(told(here)).toEqual([[2, 'prompt.cancel', { agent: AGENT, prompt: FIRST }]]);
  // It has heard nothing: what it is told is numbered anew under the next lease.
  here.do('far.lease', { agent: AGENT, epoch: 2, taker: 'tttttttttttt' });
  here.do('far.got', { agent: AGENT, epoch: 2, taker: 'tttttttttttt', heard: 0 });
  expect(told(here)).toMatchObject([[1, 'prompt.cancel', {}]]);
  there.record([heard(1, { code: 'gone', message: 'There is no such prompt.' })]);
  goOn();
  expect(here.of('agent.refused').map(({ body }) => body)).toMatchObject([
    { run: RUN, input: 'prompt', id: FIRST, code: 'gone' },
  ]);
  expect(queue(here)).toEqual([SECOND]);
  expect(told(here)).toMatchObject([[2, 'prompt.queue', { prompt: SECOND }]]);
});

test('[X2] … one that it still has is not said to be lost', () => {
  const { here, there, goOn } = lost('what came after');
  const begun = { run: RUN, turn: 't', prompt: FIRST };
  there.record([
    { type: 'turn.started', body: begun },
    heard(2, { code: 'gone', message: 'It has begun with that.' }),
  ]);
  goOn();
  expect(here.of('turn.started')).toHaveLength(1);
  expect(here.of('agent.refused', 'prompt.cancelled')).toEqual([]);
  expect(queue(here)).toEqual([SECOND]);
});
