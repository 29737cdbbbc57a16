/** Waits until a program has printed something, as one reads it: what colours it, or moves the cursor, is not in the way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type At, type OutputSource, openOutput } from '../../connect/output-source.ts';
import { PlainText } from '../../output/plain-text.ts';

/** The longest time that a timer takes. */
const FOR_EVER_MS = 2 ** 31 - 1;

const [BACKSPACE, NEW_LINE, RETURN, ESC] = [0x08, 0x0a, 0x0d, 0x1b];

/**
 * `said`: up to which byte of its output that goes. `ended`: without having said it. `late`: neither within `ms`; with 0
 * only what is there is looked at.
 */
export type Said = { kind: 'said'; to: number } | { kind: 'ended' } | { kind: 'late' };

export async function untilSaid(at: At, wanted: string, from: number, ms: number): Promise<Said> {
  const decoder = new TextDecoder();
  const plain = new PlainText();
  const follow = ms > 0;
  let source: OutputSource | undefined;
  const taken = () => source?.inHand(0);
  const said = Promise.withResolvers<Said>();
  source = await openOutput(
    at,
    { from, follow },
    {
      data: (offset, bytes) => {
        for (let at = 0; at < bytes.length; ) {
          const end = stretch(bytes, at);
          const lines = plain.push(decoder.decode(bytes.subarray(at, end), { stream: true }));
          // The first time counts: what comes later is no news.
          if (lines.includes(wanted) || plain.fresh(wanted.length).includes(wanted))
            said.resolve({ kind: 'said', to: offset + end });
          at = end;
        }
        queueMicrotask(taken);
      },
      // What is on either side of it is no text.
      gap: () => void plain.push('\n'),
    },
  );
  taken();
  const over = source.done.then((): Said => ({ kind: follow ? 'ended' : 'late' }));
  if (!follow) return Promise.race([said.promise, over]);
  const late = sleep(Math.min(ms, FOR_EVER_MS), { kind: 'late' } as const, { ref: false });
  return Promise.race([said.promise, over, late]);
}

/**
 * Where what begins there goes on to, before a line ends or anything of it may be written over: how much comes at a time is chance, and
 * neither what is found nor where may hang on that.
 */
function stretch(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === NEW_LINE || byte === RETURN) return at + 1;
    if (at > from && (byte === ESC || byte === BACKSPACE)) return at;
  }
  return bytes.length;
}
