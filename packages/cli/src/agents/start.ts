/** Starts agents: in a session of their own, or in one that is there. */
import { settled } from '@skein/client/settled';
import type { AgentSpec } from '@skein/protocol/agents/commands';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { refOf } from './named.ts';
import { type Session, streamOf } from './open.ts';
import type { Where } from './where.ts';

export type Wished = Pick<AgentSpec, 'definition'> &
  Partial<Pick<AgentSpec, 'name' | 'cwd' | 'mode' | 'model' | 'resume' | 'args' | 'pty' | 'direct'>> &
  Where;

export interface StartedAgent {
  session: string;
  sessionName: string;
  agent: string;
  name: string;
  run: string;
  /** What to call it by on a command line. */
  ref: string;
}

interface Home {
  name: string | undefined;
  cwd: string;
  env: Record<string, string>;
}

/** A new session that begins with the agent; one that cannot be started leaves none behind. */
export async function openWithAgent(
  client: Client,
  wished: Wished,
  { name, cwd, env }: Home,
): Promise<StartedAgent> {
  const [id, agent, run] = [newId(), newId(), newId()];
  const given = await environmentFor(client, wished, env);
  const body = { id, cwd, agent: { ...wished, agent, run, ...given } };
  await client.command('node', 'session.open', name === undefined ? body : { ...body, name });
  const session = await client.ask('session', { ref: id });
  // Whatever became of it before it was looked at is told from the beginning.
  const failed = await settled(client, { ...session, agents: {}, cursor: { offset: 0 } }, agent);
  if (failed !== undefined) {
    await client.command('node', 'session.remove', { id, purge: true });
    throw failed;
  }
  return startedIn(session, agent, run, undefined);
}

/** In a session that is there, on whichever node; the caller's environment goes only to agents of this machine. */
export async function addAgent(
  client: Client,
  node: string | undefined,
  session: Session,
  wished: Wished,
  env: Record<string, string>,
): Promise<StartedAgent> {
  const given = node === undefined ? await environmentFor(client, wished, env) : {};
  const [agent, run] = [newId(), newId()];
  const body = { ...wished, agent, run, ...given };
  await client.command(streamOf(session), 'agent.add', body);
  const now = await client.ask('session', { ref: session.id });
  const failed = await settled(client, session, agent);
  if (failed !== undefined) {
    if (failed.code !== 'gone') await client.command(streamOf(session), 'agent.remove', { agent });
    throw failed;
  }
  return startedIn(now, agent, run, node);
}

/** The caller's, for an agent of this machine. */
async function environmentFor(
  client: Client,
  { on }: Wished,
  vars: Record<string, string>,
): Promise<{ env?: string }> {
  if (on !== undefined) return {};
  const { handle } = await client.ask('env', { vars });
  return { env: handle };
}

function startedIn(session: Session, agent: string, run: string, node: string | undefined): StartedAgent {
  const name = session.agents[agent]?.name ?? agent;
  return {
    session: session.id,
    sessionName: session.name,
    agent,
    name,
    run,
    ref: refOf(node, session, { name }),
  };
}
