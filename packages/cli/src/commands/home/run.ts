/** Shows the sessions; in a terminal the user chooses one and is attached to it. */
import { allSessions } from '@skein/protocol/client/sessions';
import { attachTo } from '../../attach/attach.ts';
import { hasTerminal } from '../../attach/user-terminal.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { run as list } from '../ls/run.ts';
import { choose } from './choose.ts';

export async function run(call: Call): Promise<number> {
  if (call.json || !hasTerminal()) return listed(call);
  const client = await connectNode(call.home);
  const sessions = await allSessions(client);
  if (sessions.length === 0) return listed(call);
  const chosen = await choose(sessions, paintFor(call.flag('no-color')));
  return chosen === undefined ? 0 : attachTo(call.home, chosen.id, false);
}

async function listed(call: Call): Promise<number> {
  await list(call);
  return 0;
}
