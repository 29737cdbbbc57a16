/** How values become bytes in the log: one plain msgpack value each, so that any reader can decode a page. */
import { Packr } from 'msgpackr/pack';
import type { LogEvent } from './types.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** The bytes of one value. They may share a larger buffer: copy them before handing them to another thread. */
export function pack(value: unknown): Uint8Array {
  return packr.pack(value);
}

/** Bytes of the buffer that small values are packed into. */
const POOL = 8192;

/** The bytes of a large value, in a buffer of their own. The packer's buffer grew for it, and would stay so. */
export function packLarge(value: unknown): Uint8Array<ArrayBuffer> {
  const bytes = owned(packr.pack(value));
  packr.useBuffer(Buffer.allocUnsafeSlow(POOL));
  return bytes;
}

export function unpack(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

/** The values of a page, in order. */
function unpackMany(bytes: Uint8Array): unknown[] {
  if (bytes.length === 0) return [];
  const values: unknown[] = [];
  packr.unpackMultiple(bytes, (value: unknown) => {
    values.push(value);
  });
  return values;
}

/** The events of a page. The page was verified against its chain, so its shape is what this code once wrote. */
export function unpackEvents(bytes: Uint8Array): LogEvent[] {
  return unpackMany(bytes) as LogEvent[];
}

/** A copy with a buffer of its own, which can be transferred to another thread. */
export function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/** All parts end to end, in a buffer of its own. */
export function concat(parts: readonly Uint8Array[], total: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The events of a page, each with its bytes as they are stored: views of the page. */
export function eventBounds(page: Uint8Array): { event: LogEvent; bytes: Uint8Array }[] {
  const events: { event: LogEvent; bytes: Uint8Array }[] = [];
  if (page.length === 0) return events;
  packr.unpackMultiple(page, (event: unknown, start?: number, end?: number) => {
    events.push({ event: event as LogEvent, bytes: page.subarray(start, end) });
  });
  return events;
}
