/** Prints a session's events and output as a record to keep. */

import { readEvents } from '@skein/client/events';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { connectNode } from '../../connect/node.ts';
import { type At, type OutputSource, openOutput } from '../../connect/output-source.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { LongOutput } from '../../output/long-output.ts';
import { LongValue } from '../../output/long-value.ts';
import { PlainText } from '../../output/plain-text.ts';
import { jsonText } from '../../output/write.ts';

/** Milliseconds for which a node that restarts, or is away, is waited for. */
const RETRY_MS = 60_000;

export async function run(call: Call): Promise<void> {
  const format = call.text('format') ?? 'jsonl';
  if (format !== 'jsonl' && format !== 'text')
    throw new SkeinError('bad_request', `--format is jsonl or text, not "${format}".`);
  const { node, ref } = placeOf(call.needed('ref'));
  const client = await connectNode(call.home, { node, retryFor: RETRY_MS });
  const { id, name, run: program, agents } = await client.ask('session', { ref });
  const at = { client, id, node };
  const hasOutput = program !== null || Object.keys(agents ?? {}).length === 0;
  const out = new LongOutput(call.json);
  if (format === 'jsonl') {
    await lines(at, hasOutput, out);
    return out.end();
  }
  if (!hasOutput)
    throw new SkeinError(
      'no_terminal',
      `Session "${name}" has agents, and no program that printed anything.`,
      {
        advice: `What was said: skein transcript ${call.needed('ref')} --format text`,
      },
    );
  const plain = new PlainText();
  if (!call.json) {
    await read(at, { text: (text) => out.write(plain.push(text)), gap: () => {}, out });
    out.write(plain.end());
    return out.end();
  }
  const value = new LongValue(out, { id }, 'text');
  const ended = () => {
    value.write(plain.end());
    value.end({});
  };
  try {
    await read(at, { text: (text) => value.write(plain.push(text)), gap: () => {}, out });
    ended();
  } catch (error) {
    // What came is one value all the same.
    if (value.begun) ended();
    await out.end();
    throw error;
  }
  return out.end();
}

async function lines(at: At & { client: Client }, hasOutput: boolean, out: LongOutput): Promise<void> {
  const stream = `session/${at.id}`;
  let shown = !hasOutput;
  for await (const event of readEvents(at.client, { stream, after: 0, follow: false, whole: true })) {
    // What a program printed stands before its end.
    if (!shown && (event.type === 'run.exited' || event.type === 'run.lost')) {
      shown = true;
      await outputLines(at, out);
    }
    line(out, { kind: 'event', ...event });
    await out.room();
  }
  if (!shown) await outputLines(at, out);
}

function outputLines(at: At, out: LongOutput): Promise<void> {
  return read(at, {
    text: (text, offset, bytes) => {
      // Where the text does not tell what the bytes were, they are there as well.
      const data = text.includes('\ufffd') ? { data: Buffer.from(bytes).toString('base64') } : {};
      line(out, { kind: 'output', offset, bytes: bytes.length, text, ...data });
    },
    gap: (from, to) => line(out, { kind: 'gap', from, to }),
    out,
  });
}

function line(out: LongOutput, value: unknown): void {
  out.write(`${jsonText(value)}\n`);
}

interface Reader {
  /** `bytes` is a view that lasts until the call returns. */
  text(text: string, offset: number, bytes: Uint8Array): void;
  gap(from: number, to: number): void;
  /** Where what is read goes; it is read no faster than that is taken. */
  out: LongOutput;
}

async function read(at: At, { text, gap, out }: Reader): Promise<void> {
  // A character that a piece cuts in two comes with the next piece.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let source: OutputSource | undefined;
  let end = 0;
  const taken = () => source?.inHand(out.pending);
  out.onTaken = taken;
  source = await openOutput(
    at,
    { from: 0, follow: false },
    {
      data: (offset, bytes) => {
        end = offset + bytes.length;
        text(decoder.decode(bytes, { stream: true }), offset, bytes);
        queueMicrotask(taken);
      },
      gap,
    },
  );
  await source.done;
  const rest = decoder.decode();
  if (rest !== '') text(rest, end, new Uint8Array());
}
