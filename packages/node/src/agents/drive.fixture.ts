/** A run of an agent without processes: what a node knows of it and loses with its life, the log, and the host. */
import type { AgentState } from '@skein/protocol/agents/state';
import { emptyTranscript, reduceTranscript, type Transcript } from '@skein/protocol/agents/transcript';
import { emptySession, type SessionState } from '@skein/protocol/sessions/state';
import { restore } from '../drivers/driver.ts';
import type { FakeAgent, FakeStep } from '../drivers/fake.fixture.ts';
import { MAX_LINE } from '../drivers/state.ts';
import { type Subject, WRITE } from '../drivers/subjects.fixture.ts';
import type { Decision } from '../kernel/types.ts';
import { sessionActor } from '../sessions/session-actor.ts';
import { Composing, type Guarding } from './composing.ts';
import { type Kept, readKept, readWrites, stateKey } from './driver-cells.ts';
import { Intake } from './intake.ts';
import { Outbox } from './outbox.ts';

export const LOCAL = { kind: 'owner', via: 'local' };
const NODE = { kind: 'node' };
export const RUN = 'runaaaaaaaaa';
export const AGENT = 'agentaaaaaaa';

export const TURNS: FakeStep[][] = [
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

/** The host's end of the agent: its output as a journal, its input once and in order. */
export class Process {
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
export class Log {
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
export class Runner {
  readonly #subject: Subject;
  readonly #log: Log;
  readonly #process: Process;
  readonly #guard: Guarding | undefined;
  #kept: Kept;
  #intake: Intake;
  #outbox = new Outbox();
  #wire: { offset: number; bytes: Uint8Array }[] = [];

  constructor(subject: Subject, log: Log, process: Process, guard?: Guarding) {
    this.#guard = guard;
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
    const step = new Composing(this.#subject.driver, this.#kept, AGENT, () => undefined, this.#guard);
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
