/** Prints what a workspace has changed. */
import type { Asks } from '@skein/protocol/sessions/asks';
import type { Paint } from '@skein/protocol/text/paint';
import { age, visible } from '@skein/protocol/text/words';
import type { Call } from '../../invocation/call.ts';
import { isTerminal } from '../../output/is-terminal.ts';
import { paintFor } from '../../output/paint.ts';
import { complain, print, printJson } from '../../output/write.ts';
import { workspaceMeant } from '../../workspaces/meant.ts';
import { paintDiff, paintStat } from './colours.ts';

type Changes = Asks['changes']['answer'];

export async function run(call: Call): Promise<void> {
  const { client, workspace } = await workspaceMeant(call.home, call.arg('ref'));
  const onto = call.text('onto');
  const stat = call.flag('stat');
  const changes = await client.ask('changes', {
    ...{ workspace: workspace.id, stat },
    ...(onto === undefined ? {} : { onto }),
  });
  if (call.json) return printJson(changes);
  const paint = paintFor(call.flag('no-color'));
  const nothing = changes.diff === '';
  // For eyes alone: what goes into a pipe is the difference and nothing else.
  if (isTerminal(1) || nothing) print(headText(changes, nothing, paint));
  if (!nothing) print((stat ? paintStat : paintDiff)(changes.diff, paint));
  const { brought, nested = [] } = changes;
  if (nested.length > 0) {
    const are = nested.length === 1 ? 'is a repository of its own' : 'are repositories of their own';
    complain(visible(`${nested.join(', ')} ${are}: what is in there is not told here, and does not land.`));
  }
  if (brought !== undefined && brought.why !== null)
    complain(
      visible(
        `This is what was brought from ${brought.node} ${age(Date.now() - brought.at)} ago; not newer, since: ${brought.why}`,
      ),
    );
  if (changes.cut)
    complain(
      `There is more than is shown. All of it: git -C ${visible(changes.workspace.root)} diff ${changes.from ?? ''}`,
    );
}

function headText({ workspace, branch, onto, commits }: Changes, nothing: boolean, paint: Paint): string {
  const name = paint.bold(visible(workspace.name));
  if (onto === null) return nothing ? `${name} has nothing that is not committed.` : `${name}: not committed`;
  if (nothing) return `${name} has nothing that ${visible(onto)} has not.`;
  const count = `${commits.length} ${commits.length === 1 ? 'commit' : 'commits'}`;
  const lines = commits.map(({ hash, subject }) => `  ${paint.dim(hash.slice(0, 10))} ${visible(subject)}`);
  return [
    `${name}: ${count} on ${visible(branch ?? 'no branch')}, to land on ${visible(onto)}`,
    ...lines,
  ].join('\n');
}
