/** Lets a driver and a fake agent talk, and remembers all that went in, so that it can be played again in any cut. */

import { type AgentEvent, type AgentEventType, agentEvents } from '@skein/protocol/agents/events';
import { emptyTranscript, reduceTranscript, type Transcript } from '@skein/protocol/agents/transcript';
import { pack, unpack } from '@skein/protocol/codec';
import type { Driver, Input, StartSpec, Stepped, Write } from './driver.ts';
import type { FakeAgent } from './fake.fixture.ts';
import type { BaseState } from './state.ts';

export const SPEC: StartSpec = { run: 'run', cwd: '/w', client: { name: 'skein', version: '1' } };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Everything that came of a sequence of inputs. */
export interface Outcome {
  state: BaseState;
  events: AgentEvent[];
  writes: Write[];
}

export class Play {
  readonly driver: Driver;
  readonly spec: StartSpec;
  readonly inputs: Input[] = [];
  readonly events: AgentEvent[] = [];
  readonly writes: Write[] = [];
  state: BaseState;
  #agent: FakeAgent | undefined;
  #printed = 0;
  #replied = 0;

  constructor(driver: Driver, agent?: FakeAgent, spec: Partial<StartSpec> = {}) {
    this.driver = driver;
    this.spec = { ...SPEC, ...spec };
    this.#agent = agent;
    const first = driver.start(this.spec);
    this.state = first.state;
    this.#take(first);
    this.print(...(agent?.begin?.() ?? []));
  }

  /** From here on nobody answers: what the agent prints is up to the test. */
  alone(): this {
    this.#agent = undefined;
    return this;
  }

  give(input: Input): AgentEvent[] {
    const before = pack(this.state);
    const stepped = this.driver.step(this.state, input);
    if (!equalBytes(before, pack(this.state))) throw new Error('A step has changed the state it was given.');
    this.inputs.push(input);
    this.state = stepped.state;
    const from = this.events.length;
    this.#take(stepped);
    return this.events.slice(from);
  }

  /** The agent prints lines. */
  print(...lines: string[]): AgentEvent[] {
    const from = this.events.length;
    let output: string[] = [];
    for (const line of lines) {
      const other = this.#agent?.input?.(line);
      if (other === undefined) output.push(line);
      else {
        this.#output(output);
        output = [];
        this.give(other);
      }
    }
    this.#output(output);
    return this.events.slice(from);
  }

  #output(lines: readonly string[]): void {
    const bytes = encoder.encode(lines.map((line) => `${line}\n`).join(''));
    const offset = this.#printed;
    this.#printed += bytes.length;
    if (bytes.length > 0) this.give({ type: 'output', offset, bytes });
  }

  /** How often anything was told to the agent, by whichever way. */
  get sent(): number {
    return this.writes.length + repliesIn(this.state).length;
  }

  prompt(prompt: string, text = 'Do it.'): AgentEvent[] {
    return this.give({ type: 'prompt', prompt, parts: [{ type: 'text', text }] });
  }

  /** Answers the question that was asked last. */
  answer(kind: 'allow_once' | 'deny_once' | 'allow_always', reason?: string): AgentEvent[] {
    const asked = this.of('approval.asked').at(-1);
    const option = asked?.options.find((one) => one.kind === kind);
    if (asked === undefined || option === undefined) throw new Error(`Nothing to answer with ${kind}.`);
    return this.give({
      type: 'answer',
      approval: asked.approval,
      option: option.id,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  of<K extends AgentEventType>(type: K): Extract<AgentEvent, { type: K }>['body'][] {
    return this.events.filter((event) => event.type === type).map((event) => event.body) as never;
  }

  get transcript(): Transcript {
    return transcriptOf(this.events);
  }

  /** What was written to the agent, line by line. */
  get written(): unknown[] {
    const all = this.writes.map((write) => decoder.decode(write.bytes)).join('');
    return all
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  }

  #take(stepped: Stepped<BaseState>): void {
    for (const { type, body } of stepped.events) agentEvents[type].parse(body);
    this.events.push(...stepped.events);
    this.writes.push(...stepped.writes);
    const replies = repliesIn(this.state).slice(this.#replied);
    this.#replied += replies.length;
    const told = [...stepped.writes.map((write) => decoder.decode(write.bytes).trimEnd()), ...replies];
    this.print(...told.flatMap((line) => this.#agent?.receive(line) ?? []));
  }
}

/** What a driver has its agent's hooks say, one JSON line each. */
function repliesIn(state: BaseState): string[] {
  const { replies = [] } = state as { replies?: unknown[] };
  return replies.map((reply) => JSON.stringify(reply));
}

/** Plays inputs from the start, the state being stored and read again after every `store`th step. */
export function replay(driver: Driver, spec: StartSpec, inputs: readonly Input[], store = 0): Outcome {
  const first = driver.start(spec);
  const out: Outcome = { state: first.state, events: [...first.events], writes: [...first.writes] };
  for (const [index, input] of inputs.entries()) {
    const before = store > 0 && index % store === 0 ? (unpack(pack(out.state)) as BaseState) : out.state;
    const { state, events, writes } = driver.step(before, input);
    out.state = state;
    out.events.push(...events);
    out.writes.push(...writes);
  }
  return out;
}

/**
 * The same inputs with all output cut anew: `sizes` are the lengths of the pieces, over and over. As a caller must, each piece
 * is presented from the end of the last whole line on.
 */
export function recut(inputs: readonly Input[], sizes: readonly number[]): Input[] {
  const out: Input[] = [];
  let at = 0;
  for (let index = 0; index < inputs.length; ) {
    const input = inputs[index] as Input;
    if (input.type !== 'output') {
      out.push(input);
      index += 1;
      continue;
    }
    const chunks: Uint8Array[] = [];
    let end = false;
    for (; inputs[index]?.type === 'output'; index++) {
      const { bytes, end: last } = inputs[index] as Extract<Input, { type: 'output' }>;
      chunks.push(bytes);
      end ||= last ?? false;
    }
    const whole = Buffer.concat(chunks);
    let line = 0;
    for (let from = 0, to = 0; to < whole.length; ) {
      to = Math.min(whole.length, to + (sizes[at++ % sizes.length] ?? 1));
      const bytes = new Uint8Array(whole.subarray(line, to));
      out.push({ type: 'output', offset: input.offset + line, bytes, end: end && to === whole.length });
      from = whole.lastIndexOf(10, to - 1) + 1;
      line = Math.max(line, from);
    }
  }
  return out;
}

export function transcriptOf(events: readonly AgentEvent[]): Transcript {
  return events.reduce(
    (transcript, { type, body }, index) => reduceTranscript(transcript, { type, body, at: index }),
    emptyTranscript(),
  );
}

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
