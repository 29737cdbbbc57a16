/** The state of a reducer at the durable head of a stream: newest snapshot, then the tail (L5). */
import { SkeinError } from '@skein/protocol/errors';
import { BLOB_CHUNK, PAGE_BYTES, PAGE_EVENTS } from '@skein/protocol/limits';
import { concat, unpack, unpackEvents } from '../codec.ts';
import type { ActorKind, BlobRef, LogEvent, Page, Reducer } from '../types.ts';
import type { ReaderOps } from '../wire.ts';
import type { WorkerLink } from '../worker/link.ts';
import type { Stream } from './registry.ts';
import { checkCursor } from './subscription.ts';

type Reader = Pick<WorkerLink<ReaderOps>, 'call'>;

export interface Replayed<S> {
  state: S;
  offset: number;
  /** Where the snapshot was that it began with; 0 for none. */
  snapshotAt: number;
}

/** An actor's state is what its kind makes of its stream. */
export function reducerOf<S>(
  { kind, version, initial, apply, migrate }: ActorKind<S>,
  id: string,
): Reducer<S> {
  return { name: kind, version, initial: () => initial(id), apply, ...(migrate && { migrate }) };
}

/** Rejects with `cursor_before_retained` or `gone` if the events were taken away meanwhile, and nobody here knows it yet. */
export async function fetchPage(reader: Reader, stream: Stream, from: number, to: number): Promise<Page> {
  const { number, name, epoch, durable } = stream;
  const request = { stream: number, name, from, to, maxEvents: PAGE_EVENTS, maxBytes: PAGE_BYTES };
  const { first, count, data } = await reader.call('page', request);
  checkCursor({ name, epoch, first, durable }, { epoch, offset: from - 1 });
  return { stream: name, epoch, first: from, count, data };
}

async function wholeBlob(reader: Reader, { hash, size }: BlobRef): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < size; offset += BLOB_CHUNK) {
    parts.push(await reader.call('blob', { hash, offset, length: BLOB_CHUNK }));
  }
  return concat(parts, size);
}

/** The event as it was decided: its body fetched if it was too large to be inlined. */
async function restored(reader: Reader, stream: Stream, event: LogEvent, offset: number): Promise<LogEvent> {
  if (!event.blob) return event;
  const { blob, ...rest } = event;
  try {
    return { ...rest, body: unpack(await wholeBlob(reader, blob)) };
  } catch (error) {
    if (!(error instanceof SkeinError) || error.code !== 'not_found') throw error;
    // It goes with its event, which may be gone by now.
    await fetchPage(reader, stream, offset, offset);
    const message = `The log of ${stream.name} is damaged: the body of event ${offset} is missing.`;
    throw new SkeinError('log_damaged', message, { stream: stream.name, blob: blob.hash });
  }
}

/** Goes on from `known` if that is given, which must lie in the present epoch of the stream. */
export async function replay<S>(
  reader: Reader,
  reducer: Reducer<S>,
  name: string,
  stream: Stream | undefined,
  known?: Replayed<S>,
): Promise<Replayed<S>> {
  if (!stream) return { state: reducer.initial(name), offset: 0, snapshotAt: 0 };
  const to = stream.durable;
  let { state, offset, snapshotAt } = known ?? (await begin(reader, reducer, stream));
  while (offset < to) {
    const page = await fetchPage(reader, stream, offset + 1, to);
    for (const event of unpackEvents(page.data)) {
      offset += 1;
      state = reducer.apply(
        state,
        event.blob ? await restored(reader, stream, event, offset) : event,
        offset,
      );
    }
  }
  return { state, offset, snapshotAt };
}

/** The newest snapshot of this version; else one of another that the reducer can make its own; else the beginning. */
async function begin<S>(reader: Reader, reducer: Reducer<S>, stream: Stream): Promise<Replayed<S>> {
  const { name, version } = reducer;
  const own = await reader.call('snapshot', { stream: stream.number, name, version });
  if (own && own.offset <= stream.durable) {
    return { state: unpack(own.state) as S, offset: own.offset, snapshotAt: own.offset };
  }
  const from = await reader.call('snapshot', { stream: stream.number, name, version: null });
  if (from && from.offset <= stream.durable && reducer.migrate) {
    const state = reducer.migrate(unpack(from.state), from.version);
    // Without a snapshot of its own yet: the next commit or question takes one.
    if (state !== undefined) return { state, offset: from.offset, snapshotAt: 0 };
  }
  if (stream.first === 1) return { state: reducer.initial(stream.name), offset: 0, snapshotAt: 0 };
  const found = from ? `only one of version ${from.version}` : 'none';
  throw new SkeinError(
    'unsupported_version',
    `The log of ${stream.name} begins at ${stream.first}: ${name} needs a snapshot of version ${version}, and there is ${found}.`,
    { stream: stream.name, first: stream.first, reducer: name, version, found: from?.version ?? null },
  );
}
