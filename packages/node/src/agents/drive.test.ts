/**
 * A run driven through crashes (rules A2, A4, A5, H3): driver, cells, the session's decisions and a host, without processes.
 * Whatever is lost in between, the session reads as if nothing had been.
 */
import type { AgentState } from '@skein/protocol/agents/state';
import { emptyTranscript, reduceTranscript, type Transcript } from '@skein/protocol/agents/transcript';
import { SkeinError } from '@skein/protocol/errors';
import { emptySession, type SessionState } from '@skein/protocol/sessions/state';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restore } from '../drivers/driver.ts';
import type { FakeAgent, FakeStep } from '../drivers/fake.fixture.ts';
import { MAX_LINE } from '../drivers/state.ts';
import { SESSION, SUBJECTS, type Subject, WRITE } from '../drivers/subjects.fixture.ts';
import type { Decision } from '../kernel/types.ts';
import { sessionActor } from '../sessions/session-actor.ts';
import { Composing } from './composing.ts';
import { type Kept, readKept, readWrites, stateKey } from './driver-cells.ts';
import { Intake } from './intake.ts';
import { Outbox } from './outbox.ts';

const LOCAL = { kind: 'owner', via: 'local' };
const NODE = { kind: 'node' };
const RUN = 'runaaaaaaaaa';
const AGENT = 'agentaaaaaaa';

const TURNS: FakeStep[][] = [
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
    { ...WRITE, call: 'c2', ask: true },
    { do: 'say', text: 'Not then.' },
  ],
  [{ do: 'say', text: 'Last' }],
];
/** What a person answers, question by question. */
const ANSWERS = ['allow', 'deny'] as const;

/** The host's end of the agent: its output as a journal, its input once and in order. */
class Process {
  journal = new Uint8Array(0);
  accepted = 0;
  #line = '';
  readonly #agent: FakeAgent;
  /** All that it was ever told. */
  heard = '';

  constructor(agent: FakeAgent) {
    this.#agent = agent;
  }

  input(offset: number, bytes: Uint8Array): void {
    if (offset > this.accepted) throw new Error('A gap in the input.');
    const fresh = new TextDecoder().decode(bytes.subarray(this.accepted - offset));
    this.accepted = Math.max(this.accepted, offset + bytes.length);
    this.heard += fresh;
    this.#line += fresh;
    for (let at = this.#line.indexOf('\n'); at >= 0; at = this.#line.indexOf('\n')) {
      const printed = this.#agent.receive(this.#line.slice(0, at));
      this.#line = this.#line.slice(at + 1);
      const text = printed.map((line) => `${line}\n`).join('');
      this.journal = new Uint8Array(Buffer.concat([this.journal, new TextEncoder().encode(text)]));
    }
  }
}

/** The log: a session's state, and the cells beside it. */
class Log {
  state: SessionState = emptySession('sessionaaaaa');
  cells = new Map<string, Uint8Array>();
  transcript: Transcript = emptyTranscript();
  types: string[] = [];
  #offset = 0;

  constructor(driver: string) {
    const agent = { agent: AGENT, run: RUN, definition: driver };
    this.submit('session.open', { id: this.state.id, name: 's', cwd: '/w', agent });
    const started = { host: 'h', pid: 1, start: '1', driver, argv: [], stuckAfter: 0 };
    const value = { ...started, restart: { when: 'never', most: 0, delay: 0 } };
    this.submit('effect.outcome', { id: RUN, kind: 'start-agent', status: 'done', value });
  }

  submit(type: string, body: unknown, by: unknown = NODE): void {
    const target = `session/${this.state.id}`;
    const command = by === NODE ? {} : { command: { client: 'c', seq: 1 } };
    const ctx = { now: 1, by, target, id: this.state.id, offset: this.#offset, ...command };
    const { events = [], cells = [] } = sessionActor.decide(this.state, { type, body }, ctx) as Decision;
    for (const event of events) {
      this.state = sessionActor.apply(this.state, { ...event, at: 1, by }, ++this.#offset);
      this.transcript = reduceTranscript(this.transcript, { ...event, at: 1 });
      if (!event.type.endsWith('.delta')) this.types.push(event.type);
    }
    for (const { key, value } of cells) {
      if (value === null) this.cells.delete(key);
      else this.cells.set(key, value.slice());
    }
  }

  get agent(): AgentState {
    return this.state.agents[AGENT] as AgentState;
  }
}

/** What a node knows of the run, and loses with its life. */
class Runner {
  readonly #subject: Subject;
  readonly #log: Log;
  readonly #process: Process;
  #kept: Kept;
  #intake: Intake;
  #outbox = new Outbox();
  #wire: { offset: number; bytes: Uint8Array }[] = [];

  constructor(subject: Subject, log: Log, process: Process) {
    this.#subject = subject;
    this.#log = log;
    this.#process = process;
    const { driver } = subject;
    if (log.cells.get(stateKey(RUN))?.length === 0) {
      const stepped = driver.start({ run: RUN, cwd: '/w', client: { name: 'skein', version: '1' } });
      const first = new Composing(driver, { state: stepped.state, choices: 0 }, AGENT, () => undefined);
      first.start(stepped);
      log.submit('agent.stepped', { run: RUN, events: first.events, cells: first.cells(false, []) });
    }
    const kept = readKept(log.cells.get(stateKey(RUN)) as Uint8Array);
    this.#kept = { state: restore(driver, kept.state), choices: kept.choices };
    this.#intake = new Intake(this.#kept.state.consumed, MAX_LINE);
    this.#outbox.add(readWrites(RUN, log.cells));
    this.#outbox.opened(process.accepted, (offset, bytes) => this.#wire.push({ offset, bytes }));
  }

  /** Some of the agent's output arrives. */
  read(most: number): boolean {
    const from = this.#intake.received;
    const bytes = this.#process.journal.subarray(from, from + most);
    if (bytes.length > 0) this.#intake.push(from, bytes);
    return bytes.length > 0;
  }

  /** Some of what is under way reaches the host. */
  write(most: number): boolean {
    const next = this.#wire.shift();
    if (next === undefined) return false;
    const piece = next.bytes.subarray(0, most);
    if (piece.length < next.bytes.length)
      this.#wire.unshift({ offset: next.offset + piece.length, bytes: next.bytes.subarray(piece.length) });
    this.#process.input(next.offset, piece);
    this.#outbox.accepted(this.#process.accepted);
    return true;
  }

  /** One transaction; `durable` says whether it is made, or the node dies before. */
  step(prompts: ReadonlyMap<string, string>, durable: boolean): boolean {
    const log = this.#log;
    const step = new Composing(this.#subject.driver, this.#kept, AGENT, () => undefined);
    for (const { offset, bytes } of this.#intake.take()) step.step({ type: 'output', offset, bytes });
    step.heed(log.agent, log.state);
    const [first] = log.agent.queue;
    if (first !== undefined && step.wantsPrompt(log.agent))
      step.give(first.prompt, first.offset, [{ type: 'text', text: prompts.get(first.prompt) ?? '' }]);
    if (step.kept === this.#kept) return false;
    if (!durable) return true;
    const cells = step.cells(false, this.#outbox.arrived());
    const { events, prompt } = step;
    log.submit('agent.stepped', { run: RUN, events, cells, ...(prompt === undefined ? {} : { prompt }) });
    this.#kept = step.kept;
    this.#outbox.add(step.writes);
    return true;
  }
}

/** Plays the whole conversation; `acts` decide what happens next, and when the node dies. */
function play(subject: Subject, acts: readonly { act: number; size: number }[]) {
  const log = new Log(subject.driver.name);
  const process = new Process(subject.fake({ session: SESSION, turns: TURNS }));
  const prompts = new Map<string, string>();
  for (let n = 0; n < TURNS.length; n++) {
    const prompt = `prompt${'abcdefgh'[n]}aaaaa`;
    prompts.set(prompt, `Do ${n}.`);
    log.submit('prompt.queue', { agent: AGENT, prompt, parts: [{ type: 'text', text: `Do ${n}.` }] }, LOCAL);
  }
  let runner = new Runner(subject, log, process);
  const crash = () => {
    runner = new Runner(subject, log, process);
  };
  let answers = 0;
  const answer = () => {
    const open = Object.values(log.state.approvals).find((one) => one.answered === null);
    if (open === undefined) return false;
    const how = ANSWERS[answers++ % ANSWERS.length];
    log.submit('approval.answer', { approval: open.approval, answer: how }, LOCAL);
    return true;
  };
  for (const { act, size } of acts) {
    if (act === 0) crash();
    else if (act === 1) {
      runner.step(prompts, false);
      crash();
    } else if (act === 2) answer();
    else if (act === 3) runner.write(size);
    else if (act === 4) runner.read(size);
    else runner.step(prompts, true);
  }
  const busy = () =>
    [runner.step(prompts, true), runner.write(1e6), runner.read(1e6), answer()].some((moved) => moved);
  while (busy());
  return { log, heard: process.heard };
}

describe.each(SUBJECTS)('a run of $driver.name', (subject) => {
  test('[A2] [A4] [A5] [H3] killed anywhere, it reads the same, and the agent was told the same, once', () => {
    const calm = play(subject, []);
    expect(calm.log.agent.turns).toBe(TURNS.length);
    expect(calm.log.transcript.turns.map(({ end }) => end)).toEqual(TURNS.map(() => 'done'));
    const act = fc.record({ act: fc.nat(7), size: fc.integer({ min: 1, max: 300 }) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 150 }), (acts) => {
        const { log, heard } = play(subject, acts);
        expect(log.transcript).toEqual(calm.log.transcript);
        expect(heard).toBe(calm.heard);
        // What has arrived is not kept for ever: at most until the next transaction.
        expect([...log.cells.keys()].filter((key) => key.startsWith('write/')).length).toBeLessThan(3);
      }),
      { numRuns: 60 },
    );
  });

  test('[A2] a prompt that was changed while it was given is refused as a whole', () => {
    const log = new Log(subject.driver.name);
    const late = { run: RUN, events: [], cells: [], prompt: { prompt: 'x', offset: 3 } };
    try {
      log.submit('agent.stepped', late);
    } catch (thrown) {
      expect(SkeinError.from(thrown).code).toBe('gone');
      return;
    }
    throw new Error('It was taken.');
  });
});
