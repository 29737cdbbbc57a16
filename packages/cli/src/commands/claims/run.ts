/** Lists the claims of a workspace (rule W1). */
import { visible } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { claimsTable } from '../../workspaces/claims-text.ts';
import { namedIn } from '../../workspaces/named.ts';

export async function run(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const { workspace, globs } = await namedIn(call, client, call.args('words'));
  const within = globs.length === 0 ? {} : { within: globs };
  const answer = await client.ask('claims', { workspace: workspace.id, ...within });
  if (call.json) return printJson(answer);
  if (answer.claims.length === 0)
    return print(`Nobody holds ${globs.length === 0 ? 'anything' : 'that'} in ${visible(answer.name)}.`);
  print(claimsTable(answer.claims, paintFor(call.flag('no-color')), Date.now()));
}
