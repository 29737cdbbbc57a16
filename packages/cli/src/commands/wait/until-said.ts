/** Waits until a program has printed something, as one reads it: what colours it, or moves the cursor, is not in the way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type At, type OutputSource, openOutput } from '../../connect/output-source.ts';
import { PlainText } from '../../output/plain-text.ts';

/** The longest time that a timer takes. */
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * `said`: up to which byte of its output was read then. `ended`: without having said it. `late`: neither within `ms`; with 0
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
        const lines = plain.push(decoder.decode(bytes, { stream: true }));
        if (lines.includes(wanted) || plain.line.includes(wanted))
          said.resolve({ kind: 'said', to: offset + bytes.length });
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
