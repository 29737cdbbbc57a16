/** The kernel's vocabulary: commands, events, actors, effects, cursors, and the surface that the rest of the node uses. */
import type { ErrorBody } from '@skein/protocol/errors';
import type { EventSource } from '@skein/protocol/sessions/events';
import type { KernelStats } from './options.ts';

/** Who asked and which of its requests this is (K2). `seq` is a positive integer that the client never reuses. */
export interface CommandId {
  client: string;
  seq: number;
}

/** K1. `target` names an actor and its stream: `kind` or `kind/id`, such as `node` or `session/8f3k`. */
export interface Command {
  id: CommandId;
  target: string;
  type: string;
  body: unknown;
}

/** A command of the node itself: it has no id, so no receipt, and is never sent twice. */
export type InternalCommand = Omit<Command, 'id'>;

/**
 * What one row of the log says, as one msgpack map. `body` is absent when the event was too large to be
 * inlined; then `blob` says where it is (L8). Offsets start at 1; offset 0 is "before the first event".
 */
export interface LogEvent {
  type: string;
  /** Milliseconds since 1970 on the node's clock when it was decided. */
  at: number;
  /** Who caused it, as the channel said; null for the kernel itself. */
  by: unknown;
  /** Where it was recorded first, of one that is a copy (X2). */
  source?: EventSource;
  body: unknown;
  blob?: BlobRef;
}

export interface BlobRef {
  /** SHA-256 in hex: the file's name. */
  hash: string;
  /** Bytes. */
  size: number;
}

/** A place in a stream: the last event that was seen. Epoch 0 means "whichever is present" and is never stored. */
export interface Cursor {
  epoch: number;
  offset: number;
}

/** What a stream holds now: events `first` … `head` can be read; `first` is `head + 1` when there are none. */
export interface StreamInfo {
  name: string;
  epoch: number;
  first: number;
  head: number;
}

export interface NewEvent {
  type: string;
  body: unknown;
  /** Whose it is, where what is decided has only let come what they had asked for before (K1); else whoever gave the command. */
  by?: unknown;
  /** It is a copy of one that another node has recorded, at `at` by that one's clock, which is then its time here too. */
  copied?: { at: number; source: EventSource };
}

/** A command to another actor, decided in the same atomic unit: one refusal anywhere refuses the whole (K3). */
export interface Tell {
  target: string;
  type: string;
  body: unknown;
}

/** Work in the world, stored with its events and started after them (K4). `id` is unique among the actor's pending effects. */
export interface Effect {
  id: string;
  kind: string;
  body: unknown;
}

/**
 * Something kept beside a stream's events, changed in the same transaction and no part of the chain (L9): the working state
 * of what reads the world for it (A2). `key` has 1 to 256 characters, `value` at most 16 MiB and is never changed by who
 * gave it; null removes. It goes with its stream, and whenever that begins a new epoch.
 */
export interface Cell {
  key: string;
  value: Uint8Array | null;
}

/**
 * `tell` is decided after this decision's own events were applied. The reply of a tell is dropped. Cells need no event, but
 * a stream that has one: alone they are as durable, and the stream's head stays.
 */
export interface Decision {
  events?: readonly NewEvent[];
  tell?: readonly Tell[];
  effects?: readonly Effect[];
  cells?: readonly Cell[];
  reply?: unknown;
  /** Streams that the reply says something of, besides those decided on: purging one takes the receipt with it (L8). */
  about?: readonly string[];
}

interface Refusal {
  refuse: ErrorBody;
  /** As in Decision. */
  about?: readonly string[];
}

export interface DecideContext {
  /** Milliseconds since 1970. The only clock that `decide` may use. */
  now: number;
  by: unknown;
  target: string;
  /** The part of the target after its kind; empty when there is none. */
  id: string;
  /** The last event of the target's stream as this is decided: what is decided now comes after it. */
  offset: number;
  /** What the node added to the command, beside the caller's own words. */
  facts?: unknown;
  /** Absent for internal commands, tells and outcomes of effects. */
  command?: CommandId;
}

/**
 * A kind of actor (K3). `decide` and `apply` are pure; a state is plain data that msgpack keeps, and is never
 * changed in place. `version` grows whenever `apply` or the state's shape changes: older snapshots are then ignored,
 * unless `migrate` makes the present state of one. After retention that is the only way: what was cut off cannot be
 * applied again, and without it the actor is refused `unsupported_version`.
 * A SkeinError thrown by `decide` is a refusal like a returned one; anything else thrown is a fault without receipt.
 */
export interface ActorKind<S> {
  kind: string;
  version: number;
  initial(id: string): S;
  decide(state: S, command: { type: string; body: unknown }, ctx: DecideContext): Decision | Refusal;
  apply(state: S, event: LogEvent, offset: number): S;
  /** The state that this version would have, from a snapshot of another; undefined if it cannot tell. Pure. */
  migrate?(state: unknown, fromVersion: number): S | undefined;
}

/** A pure reader of a stream (L5); `name` and `version` identify its snapshots. */
export interface Reducer<S> {
  name: string;
  version: number;
  initial(stream: string): S;
  apply(state: S, event: LogEvent, offset: number): S;
  /** As in ActorKind. */
  migrate?(state: unknown, fromVersion: number): S | undefined;
}

/** The answer to a command. `cursor` is the target's stream just after it; null when the stream has no event yet. */
export type Reply = { ok: true; value: unknown; cursor: Cursor | null } | { ok: false; error: ErrorBody };

/**
 * How an effect's end reaches its actor: a command of type EFFECT_OUTCOME with this body. The effect is removed in
 * the transaction of the events that the actor decides, even when it refuses.
 */
export type EffectOutcome =
  | { id: string; kind: string; status: 'done'; value: unknown }
  | { id: string; kind: string; status: 'failed'; error: ErrorBody }
  | { id: string; kind: string; status: 'unknown' };

export const EFFECT_OUTCOME = 'effect.outcome';

/** The first event of every epoch but a stream's own first one (L1); its body is an EpochBody. */
export const EPOCH_EVENT = 'log.epoch';

export interface EpochBody {
  oldEpoch: number;
  /** The last offset of the old epoch that is still in the log, and the chain's hash there, in hex. */
  offset: number;
  hash: string;
  reason: 'damage' | 'rollback';
}

export interface EffectContext {
  target: string;
  /** True when an earlier process may have begun it. */
  resumed: boolean;
  /** Aborted when the kernel closes: the effect then stays pending and is resumed at the next start. */
  signal: AbortSignal;
}

export interface EffectHandler {
  kind: string;
  /** True if running twice is the same as running once. If false, an effect found at start is recorded as unknown. */
  idempotent: boolean;
  /** Resolves to the outcome's value; a rejection becomes a failed outcome. */
  run(body: unknown, ctx: EffectContext & { id: string }): Promise<unknown>;
}

/** Consecutive events `first` … `first + count - 1`; `data` is their msgpack values end to end, for `unpackMultiple`. */
export interface Page {
  stream: string;
  epoch: number;
  first: number;
  count: number;
  data: Uint8Array;
}

export interface SubscribeRequest {
  stream: string;
  /** The last event the reader has; pages begin after it. */
  from: Cursor;
  /** False: end at the head. True: wait there for more. */
  follow: boolean;
}

/** A cursor into the log (L3). It holds at most one page that its reader has not taken. */
export interface Subscription {
  /** The next page, or null at the end or after close. One call at a time. Rejects with a SkeinError (L4, L6). */
  next(): Promise<Page | null>;
  close(): void;
}

export interface KernelApi {
  /** Kinds are registered before anything is executed. */
  registerActor<S>(kind: ActorKind<S>): void;
  registerEffect(handler: EffectHandler): void;
  /** Takes up the effects that an earlier process left pending; call once, when all kinds are registered. */
  start(): void;

  /**
   * Never rejects. Resolves when the command's events and receipt are durable, or it was refused. `facts` are the node's
   * own, for `decide` alone: they are no part of what makes two commands the same (K2), and are kept nowhere.
   */
  execute(by: unknown, command: Command, facts?: unknown): Promise<Reply>;
  /** The same for the node's own commands: no receipt. */
  submit(by: unknown, command: InternalCommand): Promise<Reply>;
  /** The client has the replies to everything up to and including `seq`; their receipts go seven days later. */
  ack(client: string, seq: number): void;
  /** Deletes the receipts whose time has come; returns how many. Also done at open and every hour. */
  sweep(): Promise<number>;

  /** The durable state of an actor, and the cursor it stands at. */
  state<S = unknown>(target: string): Promise<{ state: S; cursor: Cursor }>;
  /** The durable state of an actor without waiting; undefined while it is not in memory, as after a repair. */
  peek<S = unknown>(target: string): S | undefined;
  /** Any reducer's durable state of a stream, from its newest snapshot and the tail. */
  projection<S>(stream: string, reducer: Reducer<S>): Promise<{ state: S; cursor: Cursor }>;
  /** Calls `wake` once, when next something of a stream that exists becomes durable or is gone. Returns how to stop waiting. */
  changed(stream: string, wake: () => void): () => void;
  /**
   * What is kept beside a stream under keys that begin so, in the order of their keys; durable cells only. Rejects with
   * not_found, or with log_damaged if any cell of the stream is not as it was written: then all of them will be gone.
   */
  cells(stream: string, prefix: string): Promise<Map<string, Uint8Array>>;
  /** Undefined when there is no such stream. Durable events only. */
  head(stream: string): StreamInfo | undefined;
  streams(): StreamInfo[];

  /** Rejects with cursor_before_retained, cursor_past_head, cursor_wrong_epoch (bounds in data) or not_found. */
  subscribe(request: SubscribeRequest): Promise<Subscription>;
  /** L4: someone has seen an event past our head: the log was rolled back. Starts a new epoch and returns it. */
  provenRollback(stream: string, seen: Cursor): Promise<Cursor>;

  /** One chunk of a blob, at most BLOB_CHUNK bytes; empty past its end. Rejects with not_found or log_damaged. */
  readBlob(hash: string, offset: number): Promise<Uint8Array>;

  /** Drops events before `before`, as far as the actor's newest durable snapshot allows; returns the first kept offset. */
  retain(stream: string, before: number): Promise<number>;
  /** Removes every trace of a stream from the directory (L8). Its name may be used again, in a new epoch. */
  purge(stream: string): Promise<void>;

  stats(): KernelStats;
  close(): Promise<void>;
}
