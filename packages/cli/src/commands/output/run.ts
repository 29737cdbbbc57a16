/** Prints a program's output as it was printed. */
import { nest } from '../../attach/nesting.ts';
import { copyOutput } from '../../connect/copy-output.ts';
import { connectNode } from '../../connect/node.ts';
import { type OutputSource, openOutput } from '../../connect/output-source.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { isTerminal } from '../../output/is-terminal.ts';
import { LongOutput } from '../../output/long-output.ts';
import { LongValue } from '../../output/long-value.ts';
import { jsonText } from '../../output/write.ts';

/** Milliseconds for which a follower waits for another node that cannot be reached: it may be asleep (C4). */
const RETRY_MS = 24 * 3600 * 1000;
/** The same of what ends by itself, and of this node, which restarts. */
const BRIEFLY_MS = 60_000;

export async function run(call: Call): Promise<void> {
  const wanted = { from: call.integer('from') ?? 0, follow: call.flag('follow') };
  const { node, ref } = placeOf(call.needed('ref'));
  const away = wanted.follow && node !== undefined;
  const client = await connectNode(call.home, { node, retryFor: away ? RETRY_MS : BRIEFLY_MS });
  const { id, name, shows } = await client.ask('session', { ref });
  if (wanted.follow && isTerminal(1)) nest(call.home, { id, name, shows });
  if (!call.json) return copyOutput({ client, id, node }, wanted);
  const gaps: { from: number; to: number }[] = [];
  let to = wanted.from;
  /** Fewer bytes than three are not yet base64 of their own. */
  let rest = Buffer.alloc(0);
  const out = new LongOutput(true);
  const value = new LongValue(out, { id, from: wanted.from }, 'data');
  let source: OutputSource | undefined;
  const taken = () => source?.inHand(out.pending);
  out.onTaken = taken;
  source = await openOutput({ client, id, node }, wanted, {
    data: (offset, bytes) => {
      to = offset + bytes.length;
      if (wanted.follow) out.write(`${jsonText({ offset, data: Buffer.from(bytes).toString('base64') })}\n`);
      else {
        const all = Buffer.concat([rest, bytes]);
        const whole = all.length - (all.length % 3);
        value.write(all.toString('base64', 0, whole));
        rest = all.subarray(whole);
      }
      queueMicrotask(taken);
    },
    gap: (from, until) => {
      if (wanted.follow) out.write(`${jsonText({ gap: { from, to: until } })}\n`);
      else gaps.push({ from, to: until });
    },
  });
  const ended = () => {
    value.write(rest.toString('base64'));
    value.end({ to, gaps });
  };
  try {
    await source.done;
    if (!wanted.follow) ended();
  } catch (error) {
    // What came is one value all the same, which says how far that is.
    if (value.begun) ended();
    await out.end();
    throw error;
  }
  await out.end();
}
