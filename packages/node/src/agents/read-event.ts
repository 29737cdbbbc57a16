/** One event of a stream, its body whole even where it is kept as a blob (rule L8). */
import { unpack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { unpackEvents } from '../kernel/codec.ts';
import type { KernelApi, LogEvent } from '../kernel/types.ts';

/** Throws `not_found`, and what reading the log can throw. */
export async function readEvent(kernel: KernelApi, stream: string, offset: number): Promise<LogEvent> {
  const events = await kernel.subscribe({ stream, from: { epoch: 0, offset: offset - 1 }, follow: false });
  try {
    const page = await events.next();
    const [event] = page === null ? [] : unpackEvents(page.data);
    if (event === undefined) throw new SkeinError('not_found', `There is no event ${offset} of ${stream}.`);
    if (event.blob === undefined) return event;
    const whole = await readBlob(kernel, event.blob);
    const body = unpack(whole);
    // Texts are copies of what they were made of: that is given back at once.
    if (!holdsBytes(body)) whole.buffer.transfer(0);
    return { ...event, body };
  } finally {
    events.close();
  }
}

async function readBlob(
  kernel: KernelApi,
  { hash, size }: { hash: string; size: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const chunk = await kernel.readBlob(hash, at);
    if (chunk.length === 0)
      throw new SkeinError('log_damaged', `The blob ${hash} is shorter than its event says.`);
    whole.set(chunk, at);
    at += chunk.length;
    // A copy for us alone.
    if (chunk.buffer instanceof ArrayBuffer) chunk.buffer.transfer(0);
  }
  return whole;
}

/** Whether there are bytes in a value, which are views of those it was unpacked from. */
function holdsBytes(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  return value instanceof Uint8Array || Object.values(value).some(holdsBytes);
}
