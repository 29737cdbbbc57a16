/**
 * Events of several agents, as what a transcript shows, in the order in which turns began. However long the session, only
 * turns that are not finished yet are kept: what is finished is handed out and forgotten (rule L5).
 */
import type { AgentEvents } from '@skein/protocol/agents/events';
import type { AgentLifeEvents, PromptPart } from '@skein/protocol/agents/life-events';
import {
  emptyTranscript,
  type Item,
  reduceTranscript,
  type Transcript,
  type Turn,
} from '@skein/protocol/agents/transcript';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { workspaceRemark } from '../../agents/workspace-text.ts';

/** Items of one turn that are kept before those that are finished are handed out. */
const MOST_ITEMS = 512;
/** Turns that may wait for one that began before them and has not ended. */
const MOST_WAITING = 64;

export interface Asked {
  parts: PromptPart[];
  by: unknown;
}

export interface Head {
  /** The agent's name. */
  agent: string;
  run: string;
  /** Null for what came outside of any turn. */
  turn: string | null;
  /** Which one of this agent it is, from 1. */
  number: number;
  at: number;
  replayed: boolean;
  asked: Asked | null;
}

/** How an approval was answered. */
export interface Answer {
  by: unknown;
  rule?: string | undefined;
  reason?: string | undefined;
}

export type Shown =
  /** `more`: something of it was handed out before. `end` once nothing more of it comes. */
  | {
      kind: 'turn';
      head: Head;
      more: boolean;
      items: Item[];
      answers: ReadonlyMap<string, Answer>;
      end: Turn | null;
    }
  | { kind: 'life'; agent: string; at: number; text: string };

interface Waiting {
  agent: string;
  head: Head;
  offset: number;
  begun: boolean;
}

interface Told {
  name: string;
  transcript: Transcript;
  turns: number;
  /** The turn that was handed out last: something may still come for it. */
  last?: Waiting;
}

export class TranscriptReader {
  readonly #agents = new Map<string, Told>();
  readonly #runs = new Map<string, string>();
  readonly #prompts = new Map<string, Asked>();
  readonly #answers = new Map<string, Answer>();
  /** In the order in which they began. */
  #waiting: (Waiting | Extract<Shown, { kind: 'life' }>)[] = [];
  readonly #wanted: { agent: string | undefined; after: number };

  /** Of one agent alone, by name; of turns that began after an event. */
  constructor(wanted: { agent?: string | undefined; after?: number } = {}) {
    this.#wanted = { agent: wanted.agent, after: wanted.after ?? 0 };
  }

  /** The next event, and what can be shown because of it. */
  push(event: StoredEvent, offset: number): Shown[] {
    const { type, by, at, body } = event;
    // Withheld, or too large for its page and not fetched.
    if (typeof body !== 'object' || body === null) return [];
    switch (type) {
      case 'agent.added': {
        const { agent, name } = body as AgentLifeEvents['agent.added'];
        this.#agents.set(agent, { name, transcript: emptyTranscript(), turns: 0 });
        return [];
      }
      case 'agent.starting': {
        const { agent, run } = body as AgentLifeEvents['agent.starting'];
        this.#runs.set(run, agent);
        return [];
      }
      case 'prompt.queued':
      case 'prompt.edited': {
        const { prompt, parts } = body as AgentLifeEvents['prompt.queued'];
        this.#prompts.set(prompt, { parts, by });
        return [];
      }
      case 'prompt.cancelled':
        this.#prompts.delete((body as AgentLifeEvents['prompt.cancelled']).prompt);
        return [];
      case 'approval.answered': {
        const { approval, rule, reason } = body as AgentLifeEvents['approval.answered'];
        this.#answers.set(approval, { by, rule, reason });
        return [];
      }
      default:
        this.#life(event);
        return this.#reduce({ type, at, body }, offset);
    }
  }

  /** What is left at the end. */
  end(): Shown[] {
    const left = this.#waiting;
    this.#waiting = [];
    return left.flatMap((one) =>
      'kind' in one ? [one] : this.#take(one, this.#turnOf(one)?.items.length ?? 0, true),
    );
  }

  #reduce(event: { type: string; at: number; body: unknown }, offset: number): Shown[] {
    const { run } = event.body as { run?: unknown };
    const id = typeof run === 'string' ? this.#runs.get(run) : undefined;
    const told = id === undefined ? undefined : this.#agents.get(id);
    if (id === undefined || told === undefined) return [];
    const before = told.transcript.turns.length;
    told.transcript = reduceTranscript(told.transcript, event);
    for (const turn of told.transcript.turns.slice(before)) this.#begin(id, told, turn, offset);
    return this.#ready(id);
  }

  #begin(agent: string, told: Told, turn: Turn, offset: number): void {
    const { last } = told;
    if (last !== undefined && isOf(turn, last)) return void this.#waiting.push(last);
    if (turn.turn !== null) told.turns++;
    const asked = turn.prompt === null ? null : (this.#prompts.get(turn.prompt) ?? null);
    if (turn.prompt !== null) this.#prompts.delete(turn.prompt);
    const { run, startedAt: at, replayed } = turn;
    const head = { agent: told.name, run, turn: turn.turn, number: told.turns, at, replayed, asked };
    this.#waiting.push({ agent, head, offset, begun: false });
  }

  /** Ends and faults of processes, in their place between the turns. */
  #life({ type, at, body }: StoredEvent): void {
    const remark = workspaceRemark({ type, body });
    for (const one of remark?.agents ?? []) {
      const name = this.#agents.get(one)?.name;
      if (name !== undefined) this.#waiting.push({ kind: 'life', agent: name, at, text: remark?.text ?? '' });
    }
    const { run, agent } = body as { run?: string; agent?: string };
    const name = this.#agents.get(agent ?? this.#runs.get(run ?? '') ?? '')?.name;
    if (name === undefined) return;
    const text = lifeText(type, body);
    if (text !== undefined) this.#waiting.push({ kind: 'life', agent: name, at, text });
  }

  #ready(moved: string): Shown[] {
    const out: Shown[] = [];
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return out;
      if (!('kind' in first) && !this.#isOver(first)) break;
      this.#waiting.shift();
      out.push(...('kind' in first ? this.#wantedLife(first) : this.#finish(first)));
    }
    if (this.#waiting.length > MOST_WAITING) {
      const over = this.#waiting.filter((one) => 'kind' in one || this.#isOver(one));
      this.#waiting = this.#waiting.filter((one) => !over.includes(one));
      for (const one of over) out.push(...('kind' in one ? this.#wantedLife(one) : this.#finish(one)));
    }
    for (const one of this.#waiting) {
      if ('kind' in one || one.agent !== moved) continue;
      const turn = this.#turnOf(one);
      if (turn !== undefined && turn.items.length > MOST_ITEMS)
        out.push(...this.#take(one, MOST_ITEMS / 2, false));
    }
    return out;
  }

  /** Things may still arrive for a turn after its end, until the next one begins. */
  #isOver(one: Waiting): boolean {
    const turns = this.#agents.get(one.agent)?.transcript.turns ?? [];
    const at = turns.findIndex((turn) => isOf(turn, one));
    return at < 0 || (at < turns.length - 1 && (one.head.turn === null || turns[at]?.endedAt !== undefined));
  }

  #finish(one: Waiting): Shown[] {
    return this.#take(one, this.#turnOf(one)?.items.length ?? 0, true);
  }

  /** Hands out the first items of a turn, and forgets them; at its end the turn. */
  #take(one: Waiting, count: number, whole: boolean): Shown[] {
    const told = this.#agents.get(one.agent);
    const turn = this.#turnOf(one);
    if (told === undefined || turn === undefined) return [];
    const items = turn.items.slice(0, count).filter((item) => whole || isFinished(item));
    const left = turn.items.filter((item) => !items.includes(item));
    const turns = whole
      ? told.transcript.turns.filter((other) => other !== turn)
      : told.transcript.turns.map((other) => (other === turn ? { ...turn, items: left } : other));
    told.transcript = { ...told.transcript, turns };
    const answers = new Map<string, Answer>();
    for (const { type, id } of items) {
      const answer = type === 'approval' ? this.#answers.get(id) : undefined;
      if (answer !== undefined) answers.set(id, answer);
      this.#answers.delete(id);
    }
    const more = one.begun;
    one.begun = true;
    if (whole) told.last = one;
    if (one.offset <= this.#wanted.after || !this.#isWanted(told.name)) return [];
    if (one.head.turn === null && items.length === 0) return [];
    return [{ kind: 'turn', head: one.head, more, items, answers, end: whole ? turn : null }];
  }

  #wantedLife(one: Extract<Shown, { kind: 'life' }>): Shown[] {
    return this.#isWanted(one.agent) ? [one] : [];
  }

  #isWanted(name: string): boolean {
    return this.#wanted.agent === undefined || this.#wanted.agent === name;
  }

  #turnOf(one: Waiting): Turn | undefined {
    return this.#agents.get(one.agent)?.transcript.turns.find((turn) => isOf(turn, one));
  }
}

function isOf(turn: Turn, { head }: Waiting): boolean {
  return turn.turn === head.turn && turn.run === head.run;
}

function isFinished(item: Item): boolean {
  if (item.type === 'tool') return item.state !== 'running';
  if (item.type === 'approval') return item.state !== 'asked';
  return item.type === 'message' || item.type === 'thought' ? item.ended : true;
}

function lifeText(type: string, body: unknown): string | undefined {
  switch (type) {
    case 'agent.failed':
      return (body as AgentLifeEvents['agent.failed']).message;
    case 'agent.lost':
      return `was lost: ${(body as AgentLifeEvents['agent.lost']).why}`;
    case 'agent.stuck':
      return 'nothing has come from it for a while';
    case 'agent.exited': {
      const { code, signal } = body as AgentEvents['agent.exited'];
      return `ended: ${signal ? `signal ${signal}` : `exit ${code ?? 'unknown'}`}`;
    }
    default:
      return undefined;
  }
}
