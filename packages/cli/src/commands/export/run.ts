/** Prints a session's events and output as a record to keep. */

import { readEvents } from '@skein/client/events';
import { SkeinError } from '@skein/protocol/errors';
import { connectNode } from '../../connect/node.ts';
import { type At, openOutput } from '../../connect/output-source.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { PlainText } from '../../output/plain-text.ts';
import { printJson, writeAll } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const format = call.text('format') ?? 'jsonl';
  if (format !== 'jsonl' && format !== 'text')
    throw new SkeinError('bad_request', `--format is jsonl or text, not "${format}".`);
  const { node, ref } = placeOf(call.needed('ref'));
  const client = await connectNode(call.home, { node });
  const { id, name, run: program, agents } = await client.ask('session', { ref });
  const at = { client, id, node };
  const hasOutput = program !== null || Object.keys(agents ?? {}).length === 0;
  if (format === 'jsonl') return lines(at, hasOutput);
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
    await read(at, { text: (text) => writeAll(1, plain.push(text)), gap: () => {} });
    return writeAll(1, plain.end());
  }
  let all = '';
  await read(at, {
    text: (text) => {
      all += plain.push(text);
    },
    gap: () => {},
  });
  printJson({ id, text: all + plain.end() });
}

async function lines(at: At, hasOutput: boolean): Promise<void> {
  const stream = `session/${at.id}`;
  let shown = !hasOutput;
  for await (const event of readEvents(at.client, { stream, after: 0, follow: false, whole: true })) {
    // What a program printed stands before its end.
    if (!shown && (event.type === 'run.exited' || event.type === 'run.lost')) {
      shown = true;
      await outputLines(at);
    }
    printJson({ kind: 'event', ...event });
  }
  if (!shown) await outputLines(at);
}

function outputLines(at: At): Promise<void> {
  return read(at, {
    text: (text, offset, bytes) => printJson({ kind: 'output', offset, bytes, text }),
    gap: (from, to) => printJson({ kind: 'gap', from, to }),
  });
}

interface Reader {
  text(text: string, offset: number, bytes: number): void;
  gap(from: number, to: number): void;
}

async function read(at: At, reader: Reader): Promise<void> {
  // A character that a piece cuts in two comes with the next piece.
  const decoder = new TextDecoder();
  const source = await openOutput(
    at,
    { from: 0, follow: false },
    {
      data: (offset, bytes) => {
        reader.text(decoder.decode(bytes, { stream: true }), offset, bytes.length);
        queueMicrotask(() => source.inHand(0));
      },
      gap: reader.gap,
    },
  );
  await source.done;
}
