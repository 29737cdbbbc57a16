/** An event's body that was too large for its page: fetched in chunks, as fast as they are taken (rules L8, C2). */
import type { ClientFrame, NodeFrame } from '../channel/frames.ts';
import { SkeinError } from '../errors.ts';
import { LANE_WINDOW } from '../limits.ts';
import type { StoredEvent } from '../sessions/events.ts';
import type { Client } from './client.ts';
import { type Lane, wireError } from './lane.ts';

/** Bytes of a body that a reader takes: more than the largest prompt, in base64 and packed. */
const MOST = 32 * 1024 * 1024;

/**
 * The event with its body, whichever way that is kept. Throws `not_found` when it is not this reader's to read,
 * `too_large`, `log_damaged`, and what a lost connection gives.
 */
export async function wholeEvent<E extends StoredEvent>(
  client: Client,
  stream: string,
  offset: number,
  event: E,
): Promise<E> {
  if (event.blob === undefined) return event;
  const { hash, size } = event.blob;
  if (size > MOST) throw new SkeinError('too_large', `Event ${offset} has ${size} bytes.`, { offset, size });
  const bytes = await fetchBlob(client, hash, size, { stream, offset });
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== hash)
    throw new SkeinError('log_damaged', `The body of event ${offset} is damaged.`, { offset });
  const { unpack } = await import('../codec.ts');
  return { ...event, body: unpack(bytes) };
}

function fetchBlob(
  client: Client,
  hash: string,
  size: number,
  of: { stream: string; offset: number },
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const whole = new Uint8Array(size);
    let received = 0;
    const lane = client.newLane();
    const wrong = (message: string) => {
      client.endLane(lane);
      reject(new SkeinError('bad_frame', message));
    };
    const owner: Lane = {
      // On a new connection it goes on behind what has come (C4).
      open: (): ClientFrame => ({ t: 'fetch', lane, hash, from: received, credit: LANE_WINDOW, of }),
      frame: (frame: NodeFrame) => {
        if (frame.t === 'end') {
          if (frame.error !== undefined) reject(wireError(frame.error));
          else if (received === size) resolve(whole);
          else reject(new SkeinError('log_damaged', 'A body is shorter than its event says.', of));
        }
        if (frame.t !== 'chunk') return;
        if (frame.offset !== received || received + frame.bytes.length > size)
          return wrong('A chunk does not follow the one before it.');
        whole.set(frame.bytes, received);
        received += frame.bytes.length;
        client.credit(lane, frame.bytes.length);
      },
      failed: reject,
    };
    client.addLane(lane, owner);
  });
}
