/** Claims paths of a workspace, and waits for them where that is asked for (rule W1). */
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { age, shellWord, visible } from '@skein/protocol/text/words';
import type { WorkspaceShown } from '@skein/protocol/workspaces/asks';
import { workspaceReplies } from '@skein/protocol/workspaces/commands';
import { MAX_LEASE_MS, MIN_LEASE_MS } from '@skein/protocol/workspaces/limits';
import { typedPattern } from '@skein/protocol/workspaces/patterns';
import type { RunIn } from '@skein/protocol/workspaces/state';
import { connectNode } from '../../connect/node.ts';
import { type Call, parseDuration } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { awaitClaim } from '../../workspaces/await-claim.ts';
import { globsText } from '../../workspaces/claims-text.ts';
import { holderOf, namedIn } from '../../workspaces/named.ts';

/** Milliseconds for which a node that restarts is waited for. */
const RETRY_MS = 60_000;

export async function run(call: Call): Promise<void> {
  const lease = parseDuration('ttl', call.text('ttl'), MAX_LEASE_MS);
  const steal = stealing(call);
  const client = await connectNode(call.home, { retryFor: RETRY_MS });
  const { workspace, globs } = await namedIn(call, client, call.args('words'));
  if (globs.length === 0)
    throw new SkeinError(
      'bad_request',
      `Say which paths of "${workspace.name}": skein claim ${workspace.name} 'src/**'`,
    );
  const holder = holderOf(call, workspace);
  const target = `workspace/${workspace.id}` as const;
  const whose = holder === undefined ? {} : { for: { run: holder.run } };
  const asked = await client.command(target, 'claim.take', {
    ...{ claim: newId(), globs, wait: call.flag('wait') || steal !== undefined },
    ...whose,
    ...(lease === undefined ? {} : { lease: Math.max(lease, MIN_LEASE_MS) }),
    ...(steal === undefined ? {} : { steal }),
  });
  const taken = workspaceReplies['claim.take'].parse(asked);
  const { claim } = taken;
  const withdraw = () => client.command(target, 'claim.release', { claims: [claim], ...whose });
  const fence =
    taken.fence ?? (await awaitClaim(client, { workspace: workspace.id, claim, globs, withdraw })).fence;
  const until = holder === undefined ? Date.now() + taken.lease : null;
  const { id, name } = workspace;
  if (call.json)
    return printJson({
      ...{ id: claim, fence, until, globs: taken.globs },
      holder: holder?.name ?? null,
      workspace: { id, name },
    });
  print(claimedText(taken, workspace, holder));
}

function stealing(call: Call): { reason: string } | undefined {
  const reason = call.text('reason');
  if (!call.flag('steal')) {
    if (reason === undefined) return undefined;
    throw new SkeinError('bad_request', '--reason goes with --steal.');
  }
  // What agents hold is a person's to take from them.
  if (process.env.SKEIN_AGENT)
    throw new SkeinError('not_allowed', 'An agent takes nothing from others: wait with --wait, or ask them.');
  if (reason === undefined)
    throw new SkeinError('bad_request', "Say why: --steal --reason '…'. Whoever holds it will read it.");
  return { reason };
}

function claimedText(
  { globs, lease }: { globs: string[]; lease: number },
  { name }: WorkspaceShown,
  holder: RunIn | undefined,
): string {
  const whose = holder === undefined ? 'yours' : `${visible(holder.name)}'s`;
  const long = holder === undefined ? `for ${age(lease)}` : 'for as long as it runs';
  const inside = process.env.SKEIN_WORKSPACE;
  const some = globs.slice(0, 2).map(typedPattern);
  const back = ['skein', 'release', ...(inside ? [] : [name]), ...some].map(shellWord).join(' ');
  return `${globsText(globs)} in ${visible(name)}: ${whose} ${long}.\nGive it back with: ${back}`;
}
