/** Lists the sessions of all nodes: of this one, and those joined elsewhere. */
import { allSessions } from '@skein/protocol/client/sessions';
import type { AwayAnswer } from '@skein/protocol/peers/asks';
import type { ListedSession } from '@skein/protocol/sessions/asks';
import { listing } from '@skein/protocol/sessions/listing';
import { COLOURS, NONE } from '@skein/protocol/text/paint';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { wantsColours } from '../../output/paint.ts';
import { complain, print, printJson } from '../../output/write.ts';

type Away = AwayAnswer['sessions'][number];

export async function run(call: Call, running: boolean): Promise<void> {
  const client = await connectNode(call.home);
  const [here, away] = await Promise.all([allSessions(client), client.ask('away', {})]);
  const all = [
    ...here.map((session) => ({ ...session, ref: session.name, node: null, role: 'owner' as const })),
    ...away.flatMap(({ node, sessions }) =>
      sessions.map((session) => ({ ...session, ref: `${node}:${session.name}`, node })),
    ),
  ];
  const shown = running ? all.filter(({ state }) => state === 'running') : all;
  if (call.json) return printJson(shown);
  for (const { node, reachable, error } of away)
    if (!reachable) complain(error ?? `${node} cannot be reached.`);
  if (shown.length === 0) return print('No sessions. Start one: skein run bash');
  const rows = shown.map((session) => ({ ...asListed(session), name: session.ref }));
  print(listing(rows, wantsColours(call.flag('no-color')) ? COLOURS : NONE, Date.now()));
}

/** Of a session that nobody tells of now only its name is known. */
function asListed(session: Away): Parameters<typeof listing>[0][number] {
  if (session.state !== 'unknown') return session as ListedSession;
  return { ...session, attached: 0, created: undefined, size: null, argv: [] };
}
