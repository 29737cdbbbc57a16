/** Attaches to a session, by default the newest that runs. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { attachTo, needTerminal } from '../../attach/attach.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';

export async function run(call: Call): Promise<number> {
  needTerminal();
  const client = await connectNode(call.home);
  const ref = call.arg('ref') ?? (await newest(client));
  return attachTo(call.home, client, ref, call.flag('read-only'));
}

async function newest(client: Client): Promise<string> {
  const sessions = await client.ask('sessions', {});
  const session = sessions.findLast((s) => s.state === 'running' && s.id !== process.env.SKEIN_SESSION);
  if (session !== undefined) return session.id;
  throw new SkeinError('not_found', 'No session is running. Start one: skein run bash');
}
