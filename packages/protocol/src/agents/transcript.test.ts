/** The transcript of an agent (rules L5, L7, A1): pure, storable at any point, bounded in what it keeps of one text. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, unpack } from '../codec.ts';
import type { AgentEvent } from './events.ts';
import { type AgentLogged, emptyTranscript, reduceTranscript, type Transcript } from './transcript.ts';
import { SHOWN } from './transcript-items.ts';

const run = 'r';
const turn = 't1';
const life: AgentEvent[] = [
  { type: 'agent.ready', body: { run } },
  { type: 'agent.session', body: { run, session: 's', resumes: true } },
  { type: 'agent.offers', body: { run, modes: { current: 'a', list: [{ id: 'a', name: 'A' }] } } },
  { type: 'turn.started', body: { run, turn, prompt: 'p' } },
  { type: 'thought.delta', body: { run, turn, item: 'i1', text: 'hm' } },
  { type: 'thought.ended', body: { run, turn, item: 'i1' } },
  { type: 'message.delta', body: { run, turn, item: 'i2', from: 'agent', text: 'Hel' } },
  { type: 'message.delta', body: { run, turn, item: 'i2', from: 'agent', text: 'lo' } },
  { type: 'message.ended', body: { run, turn, item: 'i2' } },
  { type: 'tool.announced', body: { run, turn, call: 'c', kind: 'edit', title: 'a.txt', paths: ['a.txt'] } },
  { type: 'tool.updated', body: { run, turn, call: 'c', input: { json: { a: 1 } } } },
  {
    type: 'approval.asked',
    body: {
      run,
      turn,
      call: 'c',
      approval: 'a1',
      kind: 'edit',
      title: 'a.txt',
      paths: ['a.txt'],
      options: [{ id: 'y', kind: 'allow_once', label: 'Yes' }],
    },
  },
  { type: 'approval.resolved', body: { run, approval: 'a1', outcome: 'allowed', option: 'y' } },
  { type: 'tool.finished', body: { run, turn, call: 'c', end: 'done', output: { text: 'ok' } } },
  { type: 'plan.set', body: { run, turn, entries: [{ text: 'one', state: 'done' }] } },
  { type: 'usage.set', body: { run, turn, tokens: { input: 1 } } },
  { type: 'usage.set', body: { run, turn, cost: { amount: 2, currency: 'USD' } } },
  { type: 'turn.ended', body: { run, turn, reason: 'done' } },
  { type: 'message.delta', body: { run, turn, item: 'i3', from: 'agent', text: 'PS' } },
  { type: 'agent.exited', body: { run, code: 0, signal: null, stderr: '' } },
];
const logged = life.map((event, at): AgentLogged => ({ ...event, at }));
const whole = logged.reduce(reduceTranscript, emptyTranscript());

test('[A1] a transcript tells turns, and in them texts, tools and approvals in the order in which they began', () => {
  expect(whole).toMatchObject({ run, live: false, session: 's', resumes: true, modes: { current: 'a' } });
  expect(whole.turns).toMatchObject([
    {
      turn,
      prompt: 'p',
      end: 'done',
      startedAt: 3,
      endedAt: 17,
      plan: [{ text: 'one' }],
      usage: { tokens: { input: 1 }, cost: { amount: 2 } },
      items: [
        { type: 'thought', text: 'hm', ended: true },
        { type: 'message', text: 'Hello', ended: true },
        { type: 'tool', id: 'c', state: 'done', input: { json: { a: 1 } }, output: { text: 'ok' } },
        { type: 'approval', id: 'a1', state: 'allowed' },
        { type: 'message', text: 'PS', ended: false },
      ],
    },
  ]);
});

test('[L5] stored at any event and gone on from, a transcript has the same bytes', () => {
  for (let cut = 0; cut <= logged.length; cut++) {
    const before = logged.slice(0, cut).reduce(reduceTranscript, emptyTranscript());
    const kept = pack(before);
    const after = logged.slice(cut).reduce(reduceTranscript, unpack(kept) as Transcript);
    expect(Buffer.compare(pack(after), pack(whole))).toBe(0);
    expect(Buffer.compare(pack(before), kept)).toBe(0);
  }
});

test('[L7] an unknown event changes no transcript, wherever it stands', () => {
  fc.assert(
    fc.property(fc.nat(logged.length), fc.string(), fc.jsonValue(), (at, type, body) => {
      const events = logged.toSpliced(at, 0, { type: `later.${type}`, at: 0, body });
      expect(events.reduce(reduceTranscript, emptyTranscript())).toEqual(whole);
    }),
  );
  for (const type of ['constructor', '__proto__', 'toString'])
    expect(reduceTranscript(whole, { type, at: 0, body: {} })).toBe(whole);
});

test('[A1] what is longer than anybody reads is counted, not kept', () => {
  const long = (text: string): AgentLogged => ({
    type: 'message.delta',
    at: 1,
    body: { run, turn, item: 'long', from: 'agent', text },
  });
  const grown = [long('x'.repeat(SHOWN - 1)), long('yz'), long('z')].reduce(
    reduceTranscript,
    emptyTranscript(),
  );
  const item = grown.turns[0]?.items[0];
  expect(item).toMatchObject({ type: 'message', hidden: 2 });
  expect(item?.type === 'message' && item.text.length).toBe(SHOWN);
});

test('[A1] a tool still running as its turn ends was abandoned, unless more is heard of it', () => {
  const at = life.findIndex((event) => event.type === 'tool.finished');
  const left = logged.toSpliced(at, 1).reduce(reduceTranscript, emptyTranscript());
  expect(left.turns[0]?.items[2]).toMatchObject({ type: 'tool', state: 'abandoned' });
  const late = reduceTranscript(left, logged[at] as AgentLogged);
  expect(late.turns[0]?.items[2]).toMatchObject({ type: 'tool', state: 'done' });
});

test('[A1] turns of two runs are two, though their names are the same', () => {
  const again = logged.map((event) => ({ ...event, body: { ...(event.body as object), run: 'second' } }));
  const both = again.reduce(reduceTranscript, whole);
  expect(both.turns.map((one) => one.run)).toEqual(['r', 'second']);
  expect(both.turns[1]?.items).toEqual(whole.turns[0]?.items);
});
