/** Answers what clients ask about agents (see protocol's agents/asks.ts). */
import { once } from 'node:events';
import { isAbsolute } from 'node:path';
import type { WaitingApproval } from '@skein/protocol/agents/asks';
import { SkeinError } from '@skein/protocol/errors';
import { allows, COMMAND_NEEDS, type Need } from '@skein/protocol/members/roles';
import type { Listed } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { roleIn } from '../members/gate.ts';
import type { Principal } from '../members/principal.ts';
import type { Call, Handlers } from '../sessions/ask-call.ts';
import { resolveRef } from '../sessions/resolve.ts';
import type { Sessions } from '../sessions/service.ts';
import { loadDefinitions } from './definitions/load.ts';
import type { Agents } from './supervisor.ts';
import type { Uploads } from './uploads.ts';
import type { Watching } from './watching.ts';

interface AgentAskContext {
  home: string;
  sessions: Sessions;
  agents: Pick<Agents, 'n' | 'onChange'>;
  uploads: Uploads;
  watching: Watching;
}

export function agentHandlers({
  home,
  sessions,
  agents,
  uploads,
  watching,
}: AgentAskContext): Handlers<'agents' | 'approvals' | 'upload'> {
  return {
    async agents({ cwd = home, path = process.env.PATH ?? '' }) {
      if (!isAbsolute(cwd))
        throw new SkeinError('bad_cwd', `${cwd} is not the path of a directory from the root.`);
      const { listDefinitions } = await loadDefinitions();
      return listDefinitions({ home, cwd, env: { ...plainEnv(process.env), PATH: path } });
    },
    async approvals({ ref, since, wait = 0 }, { by, aborted }: Call) {
      const seen = async () =>
        (await sessions.list()).filter((one) => by.kind === 'owner' || Object.hasOwn(one.devices, by.device));
      if (since === agents.n) {
        const left = watching.waits(by, ref === undefined ? null : resolveRef(await seen(), ref).id);
        await changed(agents, AbortSignal.any([aborted, AbortSignal.timeout(wait)])).finally(left);
      }
      const { n } = agents;
      const all = await seen();
      const wanted = ref === undefined ? all : [resolveRef(all, ref)];
      const approvals: WaitingApproval[] = [];
      for (const listed of wanted) {
        if (listed.agents.length > 0)
          approvals.push(...waitingIn(await sessions.session(listed.id), listed, by));
      }
      return { n, approvals: approvals.sort((a, b) => a.at - b.at) };
    },
    async upload({ handle, bytes }, { session }) {
      return uploads.add(session.id, handle, bytes);
    },
  };
}

function waitingIn(state: SessionState, listed: Listed, by: Principal): WaitingApproval[] {
  // What an agent of another machine asks is answered there (X3).
  const yours =
    listed.hosted === undefined && allows(roleIn(by, listed), COMMAND_NEEDS['approval.answer'] as Need);
  return Object.values(state.approvals).flatMap(({ answered, ...asked }) =>
    answered !== null
      ? []
      : [
          {
            ...asked,
            session: state.id,
            sessionName: state.name,
            agentName: state.agents[asked.agent]?.name ?? asked.agent,
            yours,
          },
        ],
  );
}

function plainEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
}

async function changed(agents: AgentAskContext['agents'], limit: AbortSignal): Promise<void> {
  if (limit.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const before = agents.n;
  const stop = agents.onChange(() => {
    if (agents.n !== before) resolve();
  });
  try {
    await Promise.race([promise, once(limit, 'abort')]);
  } finally {
    stop();
  }
}
