/** Queues a prompt; with --wait stays until its turn has ended (rule A4). */
import { handOver } from '@skein/client/hand-over';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { agentPlaceOf } from '../../agents/named.ts';
import { type FoundAgent, findAgent, PATIENCE_MS, streamOf } from '../../agents/open.ts';
import { readParts } from '../../agents/parts.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { awaitReply } from './await-reply.ts';
import { Interrupt } from './interrupt.ts';
import { told } from './told.ts';

/** The reply of `prompt.queue`. */
interface Queued {
  before: number;
}

export async function run(call: Call): Promise<number> {
  const ref = call.needed('ref');
  const text = call.arg('text');
  const [files, images] = [call.texts('file'), call.texts('image')];
  if (text === undefined && files.length + images.length === 0)
    throw new SkeinError('bad_request', 'Nothing to say: give a text, - for stdin, --file or --image.', {
      see: 'skein prompt --help',
    });
  const wait = call.flag('wait');
  const found = await findAgent(call.home, ref, wait ? PATIENCE_MS : undefined);
  // Read only now: a command that finds no node is run again, and stdin can be read once.
  const parts = await readParts({ text, files, images, away: agentPlaceOf(ref).node !== undefined });
  const { client, session, agent } = found;
  const prompt = newId();
  let interrupt: Interrupt | undefined;
  const queued = handOver(client, session.id, parts, (given) => {
    // Before it is queued: from then on leaving means not to want it.
    if (wait) interrupt ??= new Interrupt(found, prompt);
    const body = { agent: agent.agent, prompt, parts: given };
    return client.command(streamOf(session), 'prompt.queue', body);
  });
  try {
    const { before } = (await queued) as Queued;
    if (interrupt !== undefined) return await awaitReply(found, prompt, { json: call.json, interrupt });
    return tell(call, found, prompt, before);
  } finally {
    interrupt?.stop();
  }
}

function tell(call: Call, found: FoundAgent, prompt: string, before: number): number {
  const { session, agent } = found;
  if (call.json) printJson({ session: session.id, agent: agent.agent, name: agent.name, prompt, before });
  else print(told(found, before));
  return 0;
}
