/** A frame as bytes, measured before it is sent: one that is too large would end the connection for all that waits on it. */
import type { ClientFrame } from '../channel/frames.ts';
import { SkeinError } from '../errors.ts';
import { pack } from '../light-codec.ts';

/** Throws `too_large` where the node takes less. */
export function measured(frame: Extract<ClientFrame, { type: string }>, most: number): Uint8Array {
  const bytes = pack(frame);
  if (bytes.length <= most) return bytes;
  const message = `This is more than a node takes at once: "${frame.type}" has ${bytes.length} bytes, and ${most} are the most.`;
  const advice = 'Arguments and the environment count: leave out what is large, or put it into a file.';
  throw new SkeinError('too_large', message, { bytes: bytes.length, most, advice });
}
