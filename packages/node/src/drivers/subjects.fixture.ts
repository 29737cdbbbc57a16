/** The drivers that the contract is held against, each with an agent made of its protocol, and what its tests have in common. */

import type { AgentEvent, AgentEventType } from '@skein/protocol/agents/events';
import { pack } from '@skein/protocol/codec';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { fakeAcp } from './acp/agent.fixture.ts';
import { acp } from './acp/step.ts';
import { acpSurprises } from './acp/surprises.fixture.ts';
import { fakeClaude } from './claude/agent.fixture.ts';
import { claude } from './claude/step.ts';
import { claudeSurprises } from './claude/surprises.fixture.ts';
import { fakeCodex } from './codex/agent.fixture.ts';
import { codex } from './codex/step.ts';
import { codexSurprises } from './codex/surprises.fixture.ts';
import type { Driver, StartSpec } from './driver.ts';
import type { FakeAgent, FakeScript, FakeStep } from './fake.fixture.ts';
import { type Outcome, Play } from './play.fixture.ts';
import { fakeTerminal } from './pty/agent.fixture.ts';
import { pty } from './pty/step.ts';
import { ptySurprises } from './pty/surprises.fixture.ts';
import type { Surprises } from './surprises.fixture.ts';

export interface Subject {
  /** It tells what it says only when it has said it, and its thoughts never. */
  terse?: boolean;
  /** The node reads and writes files for it. */
  files?: true;
  driver: Driver;
  fake(script: FakeScript): FakeAgent;
  /** What its definition says. */
  options?: Record<string, unknown>;
  /** A line of the protocol that no version knows, and words by which its note is found. */
  strange: { line: string; what: string };
  /** A message that is known, in a shape that it may not have. */
  malformed: string;
  surprises: Surprises;
}

export const SESSION = 'session-1';
export const WRITE = { do: 'write', call: 'c1', path: '/w/a.txt', content: 'AAA' } as const;

/** A whole conversation, for the properties: everything that a driver does happens in it. */
const EVERYTHING: FakeStep[][] = [
  [
    { do: 'think', text: 'Hm… 思' },
    { do: 'say', text: 'Hello 👋 you' },
  ],
  [
    { do: 'say', text: 'First' },
    { ...WRITE, ask: true },
    { do: 'say', text: 'Written.' },
  ],
  [
    { ...WRITE, call: 'c2', ask: true, silent: true },
    { do: 'say', text: 'Not then.' },
  ],
  [{ do: 'say', text: 'Waiting' }, { do: 'hang' }],
  [{ do: 'strange' }, { do: 'print', line: 'not a message' }, { do: 'say', text: 'Odd.' }],
  [{ ...WRITE, call: 'c3', ask: true }],
  [{ do: 'fail' }],
];

/** What one whose files the node reads and writes does besides. */
const FILES: FakeStep[][] = [
  [
    { do: 'file', path: '/w/a.txt' },
    { do: 'file', path: '/w/a.txt', text: 'Three 👋\n' },
    { do: 'file', path: '/w/b.txt', text: '' },
  ],
  [{ do: 'file', path: '/w/c.txt', text: 'Never answered.' }],
];

export function converse(subject: Subject): Play {
  const play = begin(subject, subject.files ? [...EVERYTHING, ...FILES] : EVERYTHING);
  play.prompt('p1');
  play.prompt('p2');
  play.answer('allow_once');
  play.prompt('p3');
  play.prompt('too early');
  play.answer('deny_once', 'Not there.');
  play.prompt('p4');
  play.give({ type: 'cancel' });
  play.prompt('p5');
  play.prompt('p6');
  play.give({ type: 'cancel' });
  play.prompt('p7');
  if (subject.files) {
    play.prompt('p8');
    play.give({ type: 'file', file: 'file 1', done: { text: 'One\nTwö\n' } });
    play.give({ type: 'file', file: 'file 2', done: {} });
    play.give({ type: 'file', file: 'file 2', done: {} });
    play.give({ type: 'file', file: 'file 3', done: { error: { code: 'claimed', message: 'Held.' } } });
    play.prompt('p9');
    play.give({ type: 'cancel' });
  }
  play.give({ type: 'stderr', bytes: Uint8Array.of(111, 104) });
  play.give({ type: 'exit', code: 0, signal: null });
  return play;
}

export function begin(subject: Subject, turns: FakeStep[][], spec: Partial<StartSpec> = {}): Play {
  return new Play(subject.driver, subject.fake({ session: SESSION, turns }), { ...specOf(subject), ...spec });
}

export const specOf = ({ options, files }: Subject): Partial<StartSpec> => ({
  ...(options === undefined ? {} : { options }),
  ...(files === undefined ? {} : { files }),
});

/** The kinds of the events, pieces of one text as one, without what agents tell at moments of their own. */
export function kinds(events: readonly AgentEvent[]): AgentEventType[] {
  const own = ['agent.offers', 'usage.set', 'agent.session', 'agent.note', 'tool.updated'];
  const all = events.map((event) => event.type).filter((type) => !own.includes(type));
  return all.filter((type, index) => !(type.endsWith('.delta') && all[index - 1] === type));
}

export const same = (one: Outcome, other: Outcome) => {
  expect(other.events).toEqual(one.events);
  expect(bytesOf(other)).toEqual(bytesOf(one));
  expect(Buffer.compare(pack(other.state), pack(one.state))).toBe(0);
};
const bytesOf = (outcome: Outcome) => Buffer.concat(outcome.writes.map((write) => write.bytes)).toString();

/** Deeper than any stack: what reads it must not descend. */
const DEEP = `${'{"a":['.repeat(20_000)}${']}'.repeat(20_000)}`;

/** Lines like those the agent printed, with parts of them exchanged for anything. */
export function wild(play: Play): fc.Arbitrary<string> {
  const decoder = new TextDecoder();
  const printed = play.inputs
    .flatMap((input) => (input.type === 'output' ? decoder.decode(input.bytes).split('\n') : []))
    .filter((line) => line !== '');
  const hurt = fc
    .tuple(fc.constantFrom(...printed), fc.nat(400), fc.jsonValue({ maxDepth: 2 }))
    .map(([line, at, value]) => {
      let index = 0;
      const changed = JSON.parse(line, (_, inner: unknown) => (index++ === at % 40 ? value : inner));
      return JSON.stringify(changed);
    });
  const deep = fc.tuple(fc.constantFrom(...printed), fc.nat(400)).map(([line, at]) => {
    let index = 0;
    const changed = JSON.parse(line, (_, inner: unknown) => (index++ === at % 40 ? '@deep' : inner));
    return JSON.stringify(changed).replace('"@deep"', DEEP);
  });
  return fc.oneof(
    hurt,
    deep,
    fc.json(),
    fc.string().map((text) => text.replaceAll('\n', ' ')),
  );
}

const ACP: Subject = {
  driver: acp as Driver,
  fake: fakeAcp,
  strange: { line: '{"jsonrpc":"2.0","method":"x/y","params":{"a":1}}', what: 'x/y' },
  malformed: `{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"${SESSION}","update":{"sessionUpdate":"tool_call"}}}`,
  surprises: acpSurprises,
};

export const SUBJECTS: Subject[] = [
  {
    driver: claude as Driver,
    fake: fakeClaude,
    strange: { line: '{"type":"new_thing","a":[1,2]}', what: 'new_thing' },
    malformed: '{"type":"assistant","message":"none"}',
    surprises: claudeSurprises,
  },
  ACP,
  {
    driver: codex as Driver,
    fake: fakeCodex,
    strange: { line: '{"method":"x/y","params":{"a":1}}', what: 'x/y' },
    malformed: `{"method":"item/started","params":{"threadId":"${SESSION}","item":{"type":"agentMessage"}}}`,
    surprises: codexSurprises,
  },
];

/** A program in a terminal: what it tells is less, and the rest of the contract is the same. */
export const TERMINAL: Subject = {
  driver: pty as unknown as Driver,
  fake: fakeTerminal,
  terse: true,
  options: { pty: { hooks: 'claude' } },
  strange: { line: '{"id":"strange","hook":"NewHook","data":{"a":1}}', what: 'NewHook' },
  malformed: '{"id":"malformed","hook":"PreToolUse","data":{"tool_name":1}}',
  surprises: ptySurprises,
};

/** An agent of ACP whose files the node reads and writes. */
export const FILED: Subject = { ...ACP, files: true };

export const ALL_SUBJECTS: Subject[] = [...SUBJECTS, FILED, TERMINAL];
