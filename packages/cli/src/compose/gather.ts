/** Asks the node, and looks into its home, what is there of a project (rule B1). */

import fs from 'node:fs';
import path from 'node:path';
import { readEvents } from '@skein/client/events';
import { composePolicy } from '@skein/node/agents/definitions/places';
import { type AgentState, doing } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { allSessions } from '@skein/protocol/client/sessions';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import type { SessionAnswer } from '@skein/protocol/sessions/asks';
import { type Present, type PresentAgent, type PresentSession, taskId } from './present.ts';
import type { Wanted } from './wanted.ts';

const GONE: readonly ErrorCode[] = ['not_found', 'gone'];

/** `wanted`: of which tasks it is to be known whether they were given. */
export async function gather(
  client: Client,
  home: string,
  project: string,
  wanted?: Wanted,
): Promise<Present> {
  const [workspaces, sessions, nodes] = await Promise.all([
    client.ask('workspaces', {}),
    allSessions(client),
    client.ask('nodes', {}),
  ]);
  const named = nodes.filter(({ name }) => name !== '');
  return {
    workspaces: workspaces.map(({ id, name, root, life, compose: label }) => ({
      id,
      name,
      root,
      life,
      label,
    })),
    sessions: (
      await Promise.all(
        sessions.map(async ({ id, name, compose: label }): Promise<PresentSession[]> => {
          if (label?.project === project) return unlessGone(detailed(client, id, wanted));
          return [{ id, name, label, terminal: null, agents: [], members: [], tasks: [], slots: 0 }];
        }),
      )
    ).flat(),
    policies: policiesIn(home, project),
    machines: Object.fromEntries(
      named.map(({ name, peer, path: way }) => [name, { peer, reachable: way !== 'none' }]),
    ),
  };
}

/** Nothing for what somebody else has removed since it was listed. */
async function unlessGone(session: Promise<PresentSession>): Promise<PresentSession[]> {
  try {
    return [await session];
  } catch (thrown) {
    if (GONE.includes(SkeinError.from(thrown).code)) return [];
    throw thrown;
  }
}

async function detailed(client: Client, id: string, wanted: Wanted | undefined): Promise<PresentSession> {
  const session = await client.ask('session', { ref: id });
  const members = await client.ask('members', { ref: id });
  const { name, compose: label, run, agents, slots } = session;
  // The terminal of an agent with its own interface is the agent's.
  const own = Object.values(agents).some(({ pty }) => pty === true);
  const tasks = wanted?.sessions[label?.part ?? '']?.tasks ?? [];
  const asked = tasks.map((one) => taskId(id, one.name));
  return {
    ...{ id, name, label, slots },
    terminal: run === null || own ? null : run.state,
    agents: await Promise.all(Object.values(agents).map((agent) => presentAgent(client, session, agent))),
    members: members.map(({ id: member, name: called, role }) => ({ id: member, name: called, role })),
    tasks: await givenTasks(client, session, asked),
  };
}

async function presentAgent(
  client: Client,
  session: SessionAnswer,
  agent: AgentState,
): Promise<PresentAgent> {
  const { name, life, compose: label, chosen, mode, model, run, bound, workspace } = agent;
  return {
    ...{ id: agent.agent, name, life, label, mode, model },
    doing: doing(agent, session),
    chosen: { mode: chosen.mode ?? run?.mode, model: chosen.model ?? run?.model },
    workspace: bound === true ? workspace?.id : undefined,
    prompted: label !== undefined && (await wasPrompted(client, session.id, agent)),
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

/** Which of them it was given, ever: it forgets ended ones in time, but its events do not. */
async function givenTasks(client: Client, session: SessionAnswer, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0 || session.tasked === 0) return [];
  const { tasks } = await client.ask('tasks', { ref: session.id });
  const given = ids.filter((id) => tasks.some(({ task }) => task === id));
  const forgotten = session.tasked > tasks.length;
  if (given.length === ids.length || !forgotten) return given;
  const all = new Set(given);
  const stream = `session/${session.id}`;
  for await (const { type, body } of readEvents(client, { stream, after: 0, follow: false })) {
    const task = type === 'task.added' ? (body as { task: string }).task : '';
    if (ids.includes(task)) all.add(task);
  }
  return [...all];
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
      .flatMap((name) => {
        const text = textIn(path.join(folder, name));
        return text === undefined ? [] : [[name.slice(0, -'.yaml'.length), text]];
      }),
  );
}

/** Undefined for what was taken away meanwhile. */
function textIn(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
