/** A frame as bytes, looked at before it is sent: one that its node would not take would end the connection for all that waits on it. */
import { type ClientFrame, clientFrame } from '../channel/frames.ts';
import { SkeinError } from '../errors.ts';
import { pack } from '../light-codec.ts';

/** Throws `bad_request` for what is no frame, and `too_large` where the node takes less. */
export function measured(frame: ClientFrame, most: number): Uint8Array {
  const bytes = pack(checked(frame));
  if (bytes.length <= most) return bytes;
  const what = 'type' in frame ? frame.type : frame.t;
  const message = `This is more than a node takes at once: "${what}" has ${bytes.length} bytes, and ${most} are the most.`;
  const advice = 'Arguments and the environment count: leave out what is large, or put it into a file.';
  throw new SkeinError('too_large', message, { bytes: bytes.length, most, advice });
}

function checked(frame: ClientFrame): ClientFrame {
  try {
    return clientFrame(frame, '');
  } catch (thrown) {
    const { message, data } = SkeinError.from(thrown);
    throw new SkeinError(
      'bad_request',
      message.replace('A frame', `"${'type' in frame ? frame.type : frame.t}": a frame`),
      data,
    );
  }
}
