/** One atomic unit: a command and all that it tells others, decided on drafts of their states (K3). Pure. */
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { MAX_INLINE_BODY } from '@skein/protocol/limits';
import { owned, pack, unpack } from '../codec.ts';
import type {
  ActorKind,
  Cell,
  CommandId,
  DecideContext,
  Effect,
  LogEvent,
  NewEvent,
  Tell,
} from '../types.ts';
import { badCells } from './cell-bounds.ts';

/** Tells in one unit, to stop two actors that answer each other for ever. */
const MAX_TELLS = 64;

/** An actor as a unit finds it; S is the kind's own business. */
export interface ActorView {
  kind: ActorKind<unknown>;
  id: string;
  state: unknown;
  offset: number;
}

/** What a unit does to one actor. */
export interface Draft extends ActorView {
  target: string;
  /** Packed events, the first at `from`; a body too large to be inlined is in `blobs`. */
  from: number;
  events: Uint8Array[];
  blobs: { offset: number; bytes: Uint8Array<ArrayBuffer> }[];
  effects: Effect[];
  cells: Cell[];
}

const BODY_KEY = pack('body').slice();

type UnitResult =
  | { is: 'decided'; reply: unknown; drafts: Draft[]; about: readonly string[] }
  | { is: 'refused'; error: ErrorBody; about: readonly string[] }
  | { is: 'fault'; error: ErrorBody }
  | { is: 'load'; target: string };

interface UnitRequest {
  by: unknown;
  facts?: unknown;
  now: number;
  command: Tell;
  id: CommandId | undefined;
  /** The name that a blob's bytes will have. */
  blobName: (bytes: Uint8Array) => string;
}

/** `find` gives an actor's present view, or undefined if it must be loaded first; it throws for an unknown kind. */
export function decideUnit(
  find: (target: string) => ActorView | undefined,
  request: UnitRequest,
): UnitResult {
  const drafts = new Map<string, Draft>();
  const queue: Tell[] = [request.command];
  const about = new Set<string>();
  let reply: unknown;
  try {
    for (let n = 0; n < queue.length; n += 1) {
      const command = queue[n];
      if (!command) break;
      if (n > MAX_TELLS) throw new Error('A command told too many others.');
      const draft = drafts.get(command.target) ?? open(find(command.target), command.target);
      if (!draft) return { is: 'load', target: command.target };
      drafts.set(command.target, draft);
      about.add(command.target);
      const { target } = command;
      const { id, offset } = draft;
      const ctx: DecideContext = { now: request.now, by: request.by, target, id, offset };
      if (n === 0 && request.id) ctx.command = request.id;
      if (n === 0 && request.facts !== undefined) ctx.facts = request.facts;
      const decision = draft.kind.decide(draft.state, { type: command.type, body: command.body }, ctx);
      for (const name of decision.about ?? []) about.add(name);
      if ('refuse' in decision) return { is: 'refused', error: decision.refuse, about: [...about] };
      for (const event of decision.events ?? [])
        append(draft, { ...envelope(event, ctx), body: event.body }, request);
      draft.effects.push(...(decision.effects ?? []));
      draft.cells.push(...(decision.cells ?? []));
      queue.push(...(decision.tell ?? []));
      if (n === 0) reply = decision.reply;
    }
  } catch (thrown) {
    const error = SkeinError.from(thrown).toBody();
    return thrown instanceof SkeinError
      ? { is: 'refused', error, about: [...about] }
      : { is: 'fault', error };
  }
  const bare = [...drafts.values()].find((draft) => draft.effects.length > 0 && draft.events.length === 0);
  if (bare) {
    return {
      is: 'fault',
      error: { code: 'internal', message: `${bare.target} wants an effect without an event.` },
    };
  }
  for (const draft of drafts.values()) {
    const error = badCells(draft);
    if (error) return { is: 'fault', error };
  }
  return { is: 'decided', reply, drafts: [...drafts.values()], about: [...about] };
}

/** What stands around a body, which comes last: a copy has the time of what it was copied from. */
function envelope(
  { type, by: whose, copied }: NewEvent,
  { now, by: giver }: DecideContext,
): Omit<LogEvent, 'body'> {
  const by = whose === undefined ? giver : whose;
  return copied === undefined ? { type, at: now, by } : { type, at: copied.at, by, source: copied.source };
}

function open(view: ActorView | undefined, target: string): Draft | undefined {
  if (!view) return undefined;
  return { ...view, target, from: view.offset + 1, events: [], blobs: [], effects: [], cells: [] };
}

function append(draft: Draft, event: LogEvent, request: UnitRequest): void {
  const offset = draft.offset + 1;
  let bytes = pack(event);
  // What apply sees now must be what it will see when the log is read again, so it gets the decoded bytes (L5).
  const applied = unpack(bytes) as LogEvent;
  if (bytes.length > MAX_INLINE_BODY) {
    const { body: _, ...rest } = event;
    const body = packedBody(bytes, event);
    draft.blobs.push({ offset, bytes: body });
    bytes = pack({ ...rest, blob: { hash: request.blobName(body), size: body.length } });
  }
  draft.state = draft.kind.apply(draft.state, applied, offset);
  draft.offset = offset;
  draft.events.push(bytes);
}

/** `body` is the last key of an event, so that its bytes stand at the end of the event's: a copy, in a buffer of its own. */
function packedBody(event: Uint8Array, { body, ...rest }: LogEvent): Uint8Array<ArrayBuffer> {
  const start = pack(rest).length + BODY_KEY.length;
  const there = BODY_KEY.every((byte, i) => event[start - BODY_KEY.length + i] === byte);
  return owned(there ? event.subarray(start) : pack(body));
}
