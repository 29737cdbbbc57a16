/** Lists the grants that this machine has given. */
import { type Cell, table } from '@skein/protocol/text/table';
import { age } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const grants = await client.ask('grants', {});
  if (call.json) return printJson(grants);
  if (grants.length === 0) return print('There are none. Give one: skein grant');
  const { dim, bold } = paintFor(call.flag('no-color'));
  const rows: Cell[][] = [
    ['ID', 'NODE', 'AGENTS', 'RUNNING', 'DIRECTORIES', 'EXPIRES IN', 'WHEN AWAY'].map((text) => ({
      text,
      paint: dim,
    })),
    ...grants.map(({ grant, node, peer, agents, used, max, dirs, expires, away, term }) => [
      { text: grant, paint: dim },
      { text: node ?? peer, paint: bold },
      { text: agents.join(', ') },
      { text: `${used} of ${max}` },
      { text: dirs.join(', ') || '(workspaces)' },
      { text: expires === null ? 'never' : age(expires - Date.now()) },
      { text: `${away} after ${age(term)}` },
    ]),
  ];
  print(table(rows));
}
