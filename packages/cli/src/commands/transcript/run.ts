/** Prints a transcript from a session's events, as they are read. */

import { readEvents } from '@skein/client/events';
import { SkeinError } from '@skein/protocol/errors';
import { harmless } from '@skein/protocol/text/words';
import { agentNamed, agentPlaceOf } from '../../agents/named.ts';
import { streamOf } from '../../agents/open.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { isTerminal } from '../../output/is-terminal.ts';
import { LongOutput } from '../../output/long-output.ts';
import { paintFor } from '../../output/paint.ts';
import { complain, jsonText } from '../../output/write.ts';
import { markdown } from './markdown.ts';
import { objectsOf } from './objects.ts';
import { type Shown, TranscriptReader } from './reader.ts';
import { plainText } from './text.ts';

export interface Form {
  full: boolean;
  thoughts: boolean;
}

const FORMATS = ['md', 'text', 'jsonl'] as const;

export async function run(call: Call): Promise<void> {
  const format = formatOf(call);
  const after = call.integer('from') ?? 0;
  const last = call.integer('last', 100_000, 1);
  const { node, ref, agent: named } = agentPlaceOf(call.needed('ref'));
  const client = await connectNode(call.home, { node });
  const session = await client.ask('session', { ref });
  const wanted = named ?? call.text('agent');
  const agent = wanted === undefined ? undefined : agentNamed(session, wanted).name;
  const stdout = new LongOutput(call.json);
  const show = shower(call, format, stdout);
  const out = last === undefined ? undefined : new LastTurns(last);
  let any = false;
  const take = (shown: Shown[]) => {
    any ||= shown.length > 0;
    for (const one of shown)
      if (out === undefined) show(one);
      else out.push(one);
  };
  const reader = new TranscriptReader({ agent, after });
  const events = readEvents(client, { stream: streamOf(session), after: 0, follow: false, whole: true });
  for await (const event of events) {
    take(reader.push(event, event.offset));
    await stdout.room();
  }
  take(reader.end());
  for (const one of out?.all ?? []) show(one);
  await stdout.end();
  if (any || call.json || Object.keys(session.agents ?? {}).length > 0) return;
  // Else whoever meant another session, or a program's output, would not know what became of it.
  complain(
    `session "${session.name}" has no agents, and nothing was said.`,
    `What its program printed: skein output ${call.needed('ref')}`,
  );
}

function formatOf(call: Call): (typeof FORMATS)[number] {
  const text = call.text('format') ?? (call.json ? 'jsonl' : isTerminal(1) ? 'text' : 'md');
  const format = FORMATS.find((one) => one === text);
  if (format !== undefined && (!call.json || format === 'jsonl')) return format;
  if (format !== undefined)
    throw new SkeinError('bad_request', `--json is as --format jsonl, and not ${format}.`);
  throw new SkeinError('bad_request', `--format is one of ${FORMATS.join(', ')}, not "${text}".`);
}

function shower(call: Call, format: (typeof FORMATS)[number], out: LongOutput): (shown: Shown) => void {
  const form = { full: call.flag('full'), thoughts: call.flag('thoughts') };
  if (format === 'jsonl')
    return (shown) => {
      for (const one of objectsOf(shown)) out.write(`${jsonText(one)}\n`);
    };
  const paint = paintFor(call.flag('no-color'));
  return (shown) => {
    const text = format === 'md' ? markdown(shown, form) : plainText(shown, form, paint);
    if (text !== '') out.write(harmless(text.endsWith('\n') ? text : `${text}\n`));
  };
}

/** What belongs to the last turns, each of which may come in several pieces. */
class LastTurns {
  readonly #most: number;
  #turns: Shown[][] = [];

  constructor(most: number) {
    this.#most = most;
  }

  push(shown: Shown): void {
    const before = this.#turns.findLast(
      ([first]) => shown.kind === 'turn' && first?.kind === 'turn' && first.head === shown.head,
    );
    if (before !== undefined) before.push(shown);
    else if (shown.kind === 'turn' && shown.head.turn !== null) this.#turns.push([shown]);
    else this.#turns.at(-1)?.push(shown);
    if (this.#turns.length > this.#most) this.#turns.shift();
  }

  get all(): Shown[] {
    return this.#turns.flat();
  }
}
