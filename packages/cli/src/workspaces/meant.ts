/** Which workspace a person means by an agent, by a workspace, or by saying nothing: the one of this shell, or of this directory. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { WorkspaceShown } from '@skein/protocol/workspaces/asks';
import { agentNamed, agentPlaceOf } from '../agents/named.ts';
import { here } from '../connect/here.ts';
import { connectNode } from '../connect/node.ts';

export interface MeantWorkspace {
  client: Client;
  workspace: WorkspaceShown;
  /** What was said: `api/claude`, or the workspace's name. */
  called: string;
}

/** Throws `not_found` when there is neither a workspace nor an agent of that name, or that agent works in none. */
export async function workspaceMeant(home: string, ref: string | undefined): Promise<MeantWorkspace> {
  const text = ref ?? process.env.SKEIN_WORKSPACE ?? here();
  const slash = text.indexOf('/');
  // A path begins with a slash; session/agent has one within.
  if (slash > 0) return ofAgent(home, text);
  const client = await connectNode(home);
  const found = await client.ask('workspace', { workspace: text }).catch((error) => {
    if (SkeinError.from(error).code !== 'not_found' || ref === undefined || slash === 0) throw error;
  });
  if (found !== undefined) return { client, workspace: found, called: found.name };
  client.close();
  return ofAgent(home, text).catch((error) => {
    if (SkeinError.from(error).code !== 'not_found') throw error;
    throw new SkeinError('not_found', `There is no workspace and no agent "${text}".`, {
      see: 'skein workspace ls, skein agents',
    });
  });
}

async function ofAgent(home: string, text: string): Promise<MeantWorkspace> {
  const { node, ref, agent: wanted } = agentPlaceOf(text);
  const client = await connectNode(home, { node });
  const session = await client.ask('session', { ref });
  const { name, workspace } = agentNamed(session, wanted);
  if (workspace === undefined || workspace === null)
    throw new SkeinError('not_found', `${session.name}/${name} works in no workspace.`, {
      advice: 'Put an agent into one with: skein spawn claude --workspace NAME',
    });
  const shown = await client.ask('workspace', { workspace: workspace.id });
  return { client, workspace: shown, called: `${session.name}/${name}` };
}
