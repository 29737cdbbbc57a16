/** What one session is told as by `load`: its program, its agents, who looks on. Pure. */
import { type AgentState, doing, isAlive } from '@skein/protocol/agents/state';
import {
  type LoadedAgent,
  type LoadedSession,
  MAX_COMMAND,
  MAX_ONLOOKERS,
  type Use,
} from '@skein/protocol/machines/load';
import type { Role } from '@skein/protocol/members/roles';
import type { Attached } from '@skein/protocol/sessions/asks';
import { type SessionState, stateOf } from '@skein/protocol/sessions/state';
import type { Root } from './trees.ts';

/** The program of its terminal, while that runs on this machine. */
export function terminalRoot({ run }: Pick<SessionState, 'run'>): Root | undefined {
  return run?.state === 'running' && run.pid !== undefined ? { pid: run.pid, start: run.start } : undefined;
}

/** An agent's program, while it runs on this machine: one on another has a pid of that. */
export function agentRoot({ far }: Pick<SessionState, 'far'>, { agent, run }: AgentState): Root | undefined {
  if (Object.hasOwn(far, agent) || run === null || run.ended || run.pid === undefined) return undefined;
  return { pid: run.pid, start: run.start };
}

export function rootsIn(session: SessionState): Root[] {
  const agents = Object.values(session.agents);
  return [terminalRoot(session), ...agents.map((one) => agentRoot(session, one))].filter(
    (root) => root !== undefined,
  );
}

export function sessionLoad(
  session: SessionState,
  { role, attached, uses }: { role: Role; attached: readonly Attached[]; uses: ReadonlyMap<number, Use> },
): LoadedSession {
  const { id, name, created, argv, run, hosted } = session;
  const use = (root: Root | undefined) => (root === undefined ? null : (uses.get(root.pid) ?? null));
  const terminal =
    run?.state === 'running' || run?.state === 'starting'
      ? {
          command: argv.join(' ').slice(0, MAX_COMMAND),
          since: run.startedAt ?? null,
          use: use(terminalRoot(session)),
        }
      : null;
  const agents = Object.values(session.agents).map((one) =>
    agentLoad(session, one, one.pty ? (terminal?.use ?? null) : use(agentRoot(session, one))),
  );
  const onlookers = attached.slice(0, MAX_ONLOOKERS).map(({ who, count }) => ({
    name: who.kind === 'member' ? who.name : null,
    count,
  }));
  const home =
    hosted === null ? {} : { hosted: { home: hosted.home, node: hosted.node, agent: hosted.agent } };
  const state = stateOf(session);
  return { id, name, state, created, role, terminal, attached: onlookers, agents, ...home };
}

function agentLoad(session: SessionState, agent: AgentState, use: Use | null): LoadedAgent {
  const { used, turn, queue, model, workspace } = agent;
  const asks = Object.values(session.approvals).filter(
    (one) => one.agent === agent.agent && one.answered === null,
  );
  const far = session.far[agent.agent];
  return {
    ...{ agent: agent.agent, name: agent.name, definition: agent.definition },
    doing: doing(agent, session),
    ...(agent.pty ? { pty: true as const } : {}),
    turn: turn?.startedAt ?? null,
    ...{ queue: queue.length, asks: asks.length },
    tokens: { input: used.input + used.cacheRead + used.cacheWrite, output: used.output },
    cost: used.cost,
    ...{ model: model?.slice(0, MAX_COMMAND) ?? null, workspace: workspace?.name ?? null },
    use: isAlive(agent) ? use : null,
    ...(far === undefined
      ? {}
      : {
          far: {
            ...{ peer: far.peer, node: far.node, session: far.session, link: far.link, since: far.since },
          },
        }),
  };
}
