/**
 * One step in the making: a copy of the state that may be changed, and the events and writes so far. The moves that every
 * protocol needs are here, so that they mean the same whichever agent it is (A1).
 */
import type { AgentEvent, AgentEvents, AgentEventType, TurnEnd } from '@skein/protocol/agents/events';
import type { ErrorCode } from '@skein/protocol/errors';
import { cut, cutText, hashText, ident, pieces, title } from './bounds.ts';
import type { Write } from './driver.ts';
import { type BaseState, MAX_REQUESTS, type OpenApproval, type OpenItem, type OpenRequest } from './state.ts';

/** Characters of a line that is not of the protocol, told with the fault. */
const MAX_SAMPLE = 4096;
const encoder = new TextEncoder();
const NEWLINE = 10;

/** What a body holds besides the run, which the draft adds. */
export type Told<K extends AgentEventType> = Omit<AgentEvents[K], 'run'>;

export interface Speaker {
  /** Another key begins another item. */
  key?: string;
  from?: 'agent' | 'user';
  parent?: string;
}

export class Draft<S extends BaseState> {
  readonly s: S;
  readonly events: AgentEvent[] = [];
  readonly writes: Write[] = [];
  /** Questions that ended with a turn, unanswered: their agent is still to be told so. */
  readonly dropped: OpenApproval[] = [];

  /** Takes the state for its own. */
  constructor(own: S) {
    this.s = own;
  }

  /** Where news belongs: to the turn that runs, or to the one that ended last. */
  get turn(): string | null {
    return this.s.turn?.turn ?? this.s.last;
  }

  emit<K extends AgentEventType>(type: K, told: Told<K>): void {
    if (this.s.muted && isHistory(type)) return;
    this.events.push({ type, body: { run: this.s.run, ...told } } as AgentEvent);
  }

  /** Writes one line of JSON to the agent. */
  write(message: unknown): void {
    const text = JSON.stringify(message);
    // A prompt can have megabytes: the line is not made first as a text of its own.
    const bytes = new Uint8Array(Buffer.byteLength(text) + 1);
    encoder.encodeInto(text, bytes);
    bytes[bytes.length - 1] = NEWLINE;
    this.writes.push({ offset: this.s.written, bytes });
    this.s.written += bytes.length;
  }

  /** Types into the agent's terminal. */
  type(keys: string): void {
    const bytes = encoder.encode(keys);
    this.writes.push({ offset: this.s.written, bytes });
    this.s.written += bytes.length;
  }

  note(what: string, line: string): void {
    const { text, ...rest } = cutText(line);
    this.emit('agent.note', { turn: this.turn, what: title(what), line: text, ...rest });
  }

  fault(code: ErrorCode, message: string, text?: string): void {
    this.emit('agent.fault', {
      turn: this.turn,
      code,
      message: title(message),
      ...(text === undefined ? {} : { text: cut(text, MAX_SAMPLE) }),
    });
  }

  refuse(input: AgentEvents['agent.refused']['input'], code: ErrorCode, message: string, id?: string): void {
    this.emit('agent.refused', { input, code, message, ...(id === undefined ? {} : { id }) });
  }

  /** From here on nothing is expected of the agent: its turn is lost, its questions are orphaned. */
  giveUp(life: 'deaf' | 'exited', message?: string): void {
    this.s.muted = false;
    this.closeItem();
    for (const { approval } of this.s.approvals) this.emit('approval.orphaned', { approval });
    this.s.approvals = [];
    this.s.waiting = [];
    if (this.s.turn?.replayed) this.endTurn('done');
    else this.endTurn('lost', undefined, message);
    this.s.life = life;
  }

  // Requests to the agent.

  nextRequest(): number {
    this.s.requests += 1;
    return this.s.requests;
  }

  /** Remembers a request until it is answered. False when too many are under way already. */
  expect(request: OpenRequest): boolean {
    if (this.s.waiting.length >= MAX_REQUESTS) return false;
    this.s.waiting.push(request);
    return true;
  }

  /** The request that an answer is for. */
  answered(id: unknown): OpenRequest | undefined {
    const found = this.s.waiting.find((request) => request.id === id);
    if (found !== undefined) this.s.waiting = this.s.waiting.filter((request) => request !== found);
    return found;
  }

  // Turns.

  startTurn(prompt: string | null, replayed = false): void {
    this.closeItem();
    this.s.turns += 1;
    const turn = `t${this.s.turns}`;
    this.s.turn = { turn, prompt, cancelling: false, replayed };
    // Of earlier turns only what still runs can be heard of again.
    this.s.calls = this.s.calls.filter((call) => !call.finished);
    this.emit('turn.started', { turn, prompt, ...(replayed ? { replayed } : {}) });
  }

  endTurn(reason: TurnEnd, stop?: string, message?: string): void {
    const running = this.s.turn;
    if (running === null) return;
    this.closeItem();
    for (const asked of this.s.approvals.filter(({ stays }) => reason === 'cancelled' || stays !== true)) {
      this.emit('approval.resolved', { approval: asked.approval, outcome: 'withdrawn' });
      this.dropped.push(asked);
    }
    this.s.approvals = this.s.approvals.filter((asked) => !this.dropped.includes(asked));
    // Not every agent reports what has become of a call that it may not make, or was stopped in.
    for (const known of this.s.calls) {
      if (known.finished || known.turn !== running.turn) continue;
      if (!known.denied && reason !== 'cancelled') continue;
      known.finished = true;
      this.emit('tool.finished', {
        turn: known.turn,
        call: known.call,
        end: known.denied ? 'denied' : 'cancelled',
      });
    }
    this.emit('turn.ended', {
      turn: running.turn,
      reason,
      ...(stop === undefined ? {} : { stop: title(stop) }),
      ...(message === undefined ? {} : { message: title(message) }),
    });
    this.s.last = running.turn;
    this.s.turn = null;
  }

  // Messages and thoughts.

  say(kind: OpenItem['kind'], text: string, speaker: Speaker = {}): void {
    const from = speaker.from ?? 'agent';
    const key = `${from} ${ident(speaker.parent ?? '')} ${ident(speaker.key ?? '')}`;
    if (this.s.open !== null && (this.s.open.kind !== kind || this.s.open.key !== key)) this.closeItem();
    if (text === '') return;
    if (this.s.open === null) {
      this.s.items += 1;
      this.s.open = { kind, item: `i${this.s.items}`, key, turn: this.turn, length: 0, hash: 0 };
    }
    const open = this.s.open;
    open.length += text.length;
    open.hash = hashText(open.hash, text);
    const whose = speaker.parent === undefined ? {} : { parent: ident(speaker.parent) };
    for (const piece of pieces(text)) {
      const told = { turn: open.turn, item: open.item, ...whose, text: piece };
      if (kind === 'message') this.emit('message.delta', { ...told, from });
      else this.emit('thought.delta', told);
    }
  }

  /** Nothing more of the open item comes. `whole`, where the agent told it, is kept only if the pieces make another text. */
  closeItem(whole?: string): void {
    const open = this.s.open;
    if (open === null) return;
    this.s.open = null;
    const told = { turn: open.turn, item: open.item };
    const same = whole === undefined || isSaid(open, whole);
    const type = open.kind === 'message' ? 'message.ended' : 'thought.ended';
    this.emit(type, same ? told : { ...told, text: cutText(whole).text });
  }
}

/** Whether this is the text that was told piece by piece. */
export function isSaid(said: { length: number; hash: number }, whole: string): boolean {
  return whole.length === said.length && hashText(0, whole) === said.hash;
}

/** What tells of the past when a loaded session's history is told again. */
function isHistory(type: AgentEventType): boolean {
  return /^(turn|message|thought|tool|plan|usage)\./.test(type);
}
