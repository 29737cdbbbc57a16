/** Shows, changes and takes back prompts that wait (rule A4). */
import { handOver } from '@skein/client/hand-over';
import type { QueuedPrompt } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { type FoundAgent, findAgent, PATIENCE_MS, streamOf } from '../../agents/open.ts';
import { readParts } from '../../agents/parts.ts';
import { takeBack } from '../../agents/take-back.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { edited } from './edit.ts';
import { promptMeant, queueTable } from './table.ts';

export async function run(call: Call): Promise<void> {
  const action = call.arg('action') ?? 'show';
  // An editor may be open for long: what was written in it is not to be lost with a connection.
  const found = await findAgent(call.home, call.needed('ref'), action === 'edit' ? PATIENCE_MS : undefined);
  const { session, agent } = found;
  if (action === 'show') {
    const { agent: id, name, turn, queue } = agent;
    if (call.json) return printJson({ session: session.id, agent: id, name, turn, queue: queue.map(told) });
    return print(queueTable(agent, paintFor(call.flag('no-color')), Date.now()));
  }
  if (action !== 'edit' && action !== 'cancel')
    throw new SkeinError('bad_request', `A queue can be shown, edited or cancelled, not "${action}".`, {
      see: 'skein queue --help',
    });
  const wanted = call.arg('prompt');
  if (wanted === undefined)
    throw new SkeinError('bad_request', `Say which prompt: skein queue ${found.ref} ${action} 1`);
  const changed = await change(found, action, wanted, call);
  if (call.json) return printJson({ agent: agent.agent, prompts: changed });
  if (changed.length === 0) print(`Nothing waits for ${agent.name}.`);
}

const told = ({ prompt, preview, kinds, at, by }: QueuedPrompt) => ({ prompt, preview, kinds, at, by });

/** The prompts that were changed. */
async function change(
  found: FoundAgent,
  action: 'edit' | 'cancel',
  wanted: string,
  call: Call,
): Promise<string[]> {
  const { client, session, agent } = found;
  const stream = streamOf(session);
  const { agent: id, queue } = agent;
  if (action === 'cancel' && wanted === 'all')
    return takeBack(
      client,
      stream,
      id,
      queue.map(({ prompt }) => prompt),
    );
  const meant = promptMeant(agent, wanted);
  const { prompt } = meant;
  if (action === 'cancel') await client.command(stream, 'prompt.cancel', { agent: id, prompt });
  else {
    const text = call.arg('text') ?? (await edited(found, meant));
    const parts = await readParts({ text, files: [], images: [], away: found.node !== undefined });
    await handOver(client, session.id, parts, (given) =>
      client.command(stream, 'prompt.edit', { agent: id, prompt, parts: given }),
    );
  }
  return [prompt];
}
