/** A transcript read as its events come, in bounded memory (rules L5, A1). */
import { emptyTranscript, type Item, reduceTranscript } from '@skein/protocol/agents/transcript';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Shown, TranscriptReader } from './reader.ts';

type Plain = [type: string, body: object];

function born(agent: string): Plain[] {
  return [
    ['agent.added', { agent, name: `name-${agent}`, definition: 'fake', cwd: '/' }],
    ['agent.starting', { agent, run: `run-${agent}`, resume: null, attempt: 0 }],
    ['agent.ready', { run: `run-${agent}` }],
  ];
}

const event = ([type, body]: Plain, at: number): StoredEvent => ({ type, at, by: null, body });

function read(events: readonly Plain[], reader = new TranscriptReader()): Shown[] {
  const shown = events.flatMap((one, i) => reader.push(event(one, i), i + 1));
  return [...shown, ...reader.end()];
}

/** One step of one agent's life: turns begin and end, and things are said and done in them and after them. */
const STEPS = ['begin', 'end', 'say', 'tool', 'finish', 'ask', 'answer', 'late'] as const;
const life = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...STEPS)), { maxLength: 80 });

function eventsOf(steps: readonly (readonly [string, (typeof STEPS)[number]])[]): Plain[] {
  const events: Plain[] = ['a', 'b', 'c'].flatMap(born);
  const turns: Record<string, { n: number; open: boolean }> = {};
  for (const [i, [agent, step]] of steps.entries()) {
    const run = `run-${agent}`;
    turns[agent] ??= { n: 0, open: false };
    const state = turns[agent];
    const turn = `t${state.n}`;
    const about = { run, turn };
    if (step === 'begin' && !state.open) {
      state.n++;
      state.open = true;
      events.push(['turn.started', { run, turn: `t${state.n}`, prompt: null }]);
    } else if (state.n === 0) continue;
    else if (step === 'end' && state.open) {
      state.open = false;
      events.push(['turn.ended', { ...about, reason: 'done' }]);
    } else if (step === 'say' && state.open)
      events.push([
        'message.delta',
        { ...about, item: `i${Math.floor(i / 3)}`, text: `${i} `, from: 'agent' },
      ]);
    else if (step === 'late')
      events.push(['message.delta', { ...about, item: `late${i}`, text: 'late', from: 'agent' }]);
    else if (step === 'tool' && state.open)
      events.push([
        'tool.announced',
        { ...about, call: `c${turn}`, kind: 'edit', title: 'Write', paths: [] },
      ]);
    else if (step === 'finish') events.push(['tool.finished', { ...about, call: `c${turn}`, end: 'done' }]);
    else if (step === 'ask' && state.open)
      events.push([
        'approval.asked',
        { ...about, call: 'c', approval: `${run}.a${i}`, kind: 'edit', title: 'x', paths: [], options: [] },
      ]);
  }
  return events;
}

test('[L5] what is handed out bit by bit is the transcript as it is made at once, whoever spoke in between', () => {
  fc.assert(
    fc.property(life, (steps) => {
      const events = eventsOf(steps);
      const found = new Map<string, Item[]>();
      for (const one of read(events))
        if (one.kind === 'turn') {
          const key = `${one.head.run} ${one.head.turn}`;
          found.set(key, [...(found.get(key) ?? []), ...one.items]);
        }
      const expected = new Map<string, Item[]>();
      for (const agent of ['a', 'b', 'c']) {
        const own = events.filter(([, body]) => (body as { run?: string }).run === `run-${agent}`);
        const whole = own.reduce(
          (t, [type, body]) => reduceTranscript(t, { type, at: 0, body }),
          emptyTranscript(),
        );
        for (const { run, turn, items } of whole.turns) expected.set(`${run} ${turn}`, items);
      }
      for (const [key, items] of expected) if (items.length > 0) expect(found.get(key)).toEqual(items);
      expect([...found.values()].flat()).toHaveLength([...expected.values()].flat().length);
    }),
    { numRuns: 300 },
  );
});

test('turns come in the order in which they began, each once, with the number that it has for its agent', () => {
  fc.assert(
    fc.property(life, (steps) => {
      const begun = eventsOf(steps).flatMap(([type, body]) =>
        type === 'turn.started'
          ? [`${(body as { run: string }).run} ${(body as { turn: string }).turn}`]
          : [],
      );
      const heads = read(eventsOf(steps)).flatMap((one) =>
        one.kind === 'turn' && !one.more ? [one.head] : [],
      );
      expect(heads.map(({ run, turn }) => `${run} ${turn}`)).toEqual(begun);
      for (const { turn, number } of heads) expect(turn).toBe(`t${number}`);
    }),
  );
});

test('[L5] of a hundred thousand events no more is kept than is unfinished, in one turn or in many', () => {
  const TURNS = 5_000;
  const big = 'x'.repeat(10_000);
  const reader = new TranscriptReader();
  let offset = 0;
  let items = 0;
  let most = 0;
  const push = (...plain: Plain) => {
    const shown = reader.push(event(plain, 0), ++offset);
    for (const one of shown) if (one.kind === 'turn') items += one.items.length;
    most = Math.max(most, ...shown.map((one) => (one.kind === 'turn' ? one.items.length : 0)));
  };
  for (const one of born('a')) push(...one);
  const tool = (turn: string, n: number) => {
    const about = { run: 'run-a', turn, call: `c${n}` };
    push('tool.announced', { ...about, kind: 'read', title: 'Read', paths: [] });
    push('tool.finished', { ...about, end: 'done', output: { text: big } });
  };
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < TURNS; i++) {
    push('turn.started', { run: 'run-a', turn: `t${i}`, prompt: null });
    for (let n = 0; n < 4; n++) tool(`t${i}`, n);
    push('turn.ended', { run: 'run-a', turn: `t${i}`, reason: 'done' });
  }
  push('turn.started', { run: 'run-a', turn: 'long', prompt: null });
  for (let n = 0; n < 25_000; n++) tool('long', n);
  expect(offset).toBeGreaterThan(100_000);
  expect(items).toBeGreaterThan(TURNS * 4 + 25_000 - 600);
  expect(most).toBeLessThan(600);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024);
});

test('only of one agent, and of what began after an event', () => {
  const events = eventsOf([
    ['a', 'begin'],
    ['a', 'say'],
    ['a', 'end'],
    ['b', 'begin'],
    ['b', 'end'],
    ['a', 'begin'],
    ['a', 'say'],
    ['a', 'end'],
  ]);
  const turns = (reader: TranscriptReader) =>
    read(events, reader).flatMap((one) =>
      one.kind === 'turn' ? [`${one.head.agent} ${one.head.turn}`] : [],
    );
  expect(turns(new TranscriptReader({ agent: 'name-a' }))).toEqual(['name-a t1', 'name-a t2']);
  expect(turns(new TranscriptReader({ after: 12 }))).toEqual(['name-b t1', 'name-a t2']);
});

test('[L7] what was withheld, or is of a later release, is passed over', () => {
  const reader = new TranscriptReader();
  expect(reader.push({ type: 'withheld', at: 0, by: null, body: { hash: 'x' } }, 1)).toEqual([]);
  expect(reader.push({ type: 'turn.dreamt', at: 0, by: null, body: { run: 'r' } }, 2)).toEqual([]);
  expect(reader.push({ type: 'prompt.queued', at: 0, by: null, body: undefined }, 3)).toEqual([]);
  expect(reader.end()).toEqual([]);
});
