/** Asks the node, and looks into its home, what is there of a project (rule B1). */
import fs from 'node:fs';
import path from 'node:path';
import { readEvents } from '@skein/client/events';
import { composePolicy } from '@skein/node/agents/definitions/places';
import type { AgentState } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import type { SessionAnswer } from '@skein/protocol/sessions/asks';
import type { Present, PresentAgent, PresentSession } from './present.ts';

export async function gather(client: Client, home: string, project: string): Promise<Present> {
  const [workspaces, sessions] = await Promise.all([
    client.ask('workspaces', {}),
    client.ask('sessions', {}),
  ]);
  return {
    workspaces: workspaces.map(({ id, name, root, life, compose }) => ({
      id,
      name,
      root,
      life,
      label: compose,
    })),
    sessions: await Promise.all(
      sessions.map(async ({ id, name, compose: label }) => {
        if (label?.project !== project) return { id, name, label, terminal: null, agents: [], members: [] };
        return detailed(
          client,
          await client.ask('session', { ref: id }),
          await client.ask('members', { ref: id }),
        );
      }),
    ),
    policies: policiesIn(home, project),
  };
}

async function detailed(
  client: Client,
  session: SessionAnswer,
  members: PresentSession['members'],
): Promise<PresentSession> {
  const { id, name, compose: label, run, agents } = session;
  // The terminal of an agent with its own interface is the agent's.
  const own = Object.values(agents).some(({ pty }) => pty === true);
  return {
    ...{ id, name, label },
    terminal: run === null || own ? null : run.state,
    agents: await Promise.all(Object.values(agents).map((agent) => presentAgent(client, id, agent))),
    members: members.map(({ id, name, role }) => ({ id, name, role })),
  };
}

async function presentAgent(client: Client, session: string, agent: AgentState): Promise<PresentAgent> {
  const { name, life, compose: label, chosen, mode, model, run, bound, workspace } = agent;
  return {
    ...{ id: agent.agent, name, life, label, mode, model },
    chosen: { mode: chosen.mode ?? run?.mode, model: chosen.model ?? run?.model },
    workspace: bound === true ? workspace?.id : undefined,
    prompted: label !== undefined && (await wasPrompted(client, session, agent)),
  };
}

/** One that has done nothing may have been given a prompt that was taken back: then its session, which is short yet, tells. */
async function wasPrompted(
  client: Client,
  session: string,
  { agent, turns, turn, queue }: AgentState,
): Promise<boolean> {
  if (turns > 0 || turn !== null || queue.length > 0) return true;
  for await (const { type, body } of readEvents(client, {
    stream: `session/${session}`,
    after: 0,
    follow: false,
  }))
    if (type === 'prompt.queued' && (body as { agent?: string } | null)?.agent === agent) return true;
  return false;
}

function policiesIn(home: string, project: string): Record<string, string> {
  const folder = path.dirname(composePolicy(home, { project, part: '' }));
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch {
    return {};
  }
  return Object.fromEntries(
    names
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => [name.slice(0, -'.yaml'.length), fs.readFileSync(path.join(folder, name), 'utf8')]),
  );
}
