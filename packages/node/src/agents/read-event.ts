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
    return { ...event, body: unpack(await readBlob(kernel, event.blob)) };
  } finally {
    events.close();
  }
}

async function readBlob(
  kernel: KernelApi,
  { hash, size }: { hash: string; size: number },
): Promise<Uint8Array> {
  const whole = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const chunk = await kernel.readBlob(hash, at);
    if (chunk.length === 0)
      throw new SkeinError('log_damaged', `The blob ${hash} is shorter than its event says.`);
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
