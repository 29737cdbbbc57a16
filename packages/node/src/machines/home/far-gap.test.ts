/** What home makes of a log that has lost a part (rules X2, A4): nothing is copied twice, no prompt waited for for ever or handed over twice. */
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import { expect, test } from 'vitest';
import { AGENT, copy, far, type Log, RUN, ready } from './far.fixture.ts';
import { lastInBoth } from './far-copying.ts';

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

test('[X2] home goes on behind what both have, whatever numbers the epochs before and since have', () => {
  const [early, known, between, now] = [9, 5, 3, 7];
  const before = { oldEpoch: early, offset: 100 };
  const at = (...begun: { oldEpoch: number; offset: number }[]) =>
    lastInBoth({ epoch: known, offset: 510 }, now, begun);
  expect(at(before, { oldEpoch: known, offset: 500 })).toBe(500);
  expect(at(before, { oldEpoch: known, offset: 600 })).toBe(510);
  expect(at({ oldEpoch: known, offset: 500 }, { oldEpoch: between, offset: 700 })).toBe(500);
  // What came behind 300 was lost with the end of the known epoch.
  expect(at(before, { oldEpoch: between, offset: 300 })).toBe(300);
  // Only its beginning is not kept any more.
  expect(lastInBoth({ epoch: now, offset: 510 }, now, [before])).toBe(510);
});
