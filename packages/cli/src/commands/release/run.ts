/** Gives claims back (rule W1). */
import { visible } from '@skein/protocol/text/words';
import { workspaceReplies } from '@skein/protocol/workspaces/commands';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { holderOf, namedIn } from '../../workspaces/named.ts';

export async function run(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const { workspace, globs } = await namedIn(call, client, call.args('words'));
  const holder = holderOf(call, workspace);
  const told = await client.command(`workspace/${workspace.id}`, 'claim.release', {
    ...(globs.length === 0 ? {} : { globs }),
    ...(holder === undefined ? {} : { for: { run: holder.run } }),
  });
  const { released } = workspaceReplies['claim.release'].parse(told);
  if (call.json) return printJson({ released });
  const whose = holder === undefined ? 'you' : visible(holder.name);
  if (released.length === 0)
    return print(
      `Nothing ${globs.length === 0 ? '' : 'there '}was held by ${whose} in ${visible(workspace.name)}.`,
    );
  print(
    `${released.length === 1 ? 'One claim' : `${released.length} claims`} of ${visible(workspace.name)} given back.`,
  );
}
