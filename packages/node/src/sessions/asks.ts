/** Answers what clients ask (see protocol's sessions/asks.ts): reads, waits, and rights that live for seconds. */

import type { AgentAsks } from '@skein/protocol/agents/asks';
import { doing } from '@skein/protocol/agents/state';
import { pack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { MAX_FRAME } from '@skein/protocol/limits';
import type { MachineAsks } from '@skein/protocol/machines/asks';
import type { LoadAsks } from '@skein/protocol/machines/load';
import type { TreeAsks } from '@skein/protocol/machines/trees';
import { awayWords, farIn } from '@skein/protocol/machines/words';
import type { PeerAsks } from '@skein/protocol/peers/asks';
import { type Asks, asks, type ListedSession } from '@skein/protocol/sessions/asks';
import { listing } from '@skein/protocol/sessions/listing';
import { byAge, type Listed } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { TaskAsks } from '@skein/protocol/tasks/asks';
import { COLOURS, NONE } from '@skein/protocol/text/paint';
import type { ToolAsks } from '@skein/protocol/tools/asks';
import type { WorkspaceAsks } from '@skein/protocol/workspaces/asks';
import { parseBody } from '../actors/parse-body.ts';
import type { HostPool } from '../hosts/pool.ts';
import {
  type Connected,
  membersAnswer,
  type Onlookers,
  sessionAnswer,
  ticketsAnswer,
} from '../members/answers.ts';
import type { Principal } from '../members/principal.ts';
import { argvInShort, argvShare } from './argv-in-short.ts';
import { admitAsk, type Handlers } from './ask-call.ts';
import { over, settled } from './moments.ts';
import type { Sessions } from './service.ts';
import { toldSeenIn } from './showings.ts';
import { terminalHandlers } from './terminal-asks.ts';

/** Milliseconds that `ended` waits unless told otherwise. */
const WAIT_MS = 3_600_000;

/** Sessions of a page at most, and their bytes: with room for what is around them. */
const PAGE = 1_000;
const PAGE_BYTES = MAX_FRAME - 64 * 1024;

interface AskContext {
  sessions: Sessions;
  hosts: HostPool;
  home: string;
  connected: Connected;
  /** What is asked about other nodes is answered elsewhere. */
  peers: Handlers<keyof PeerAsks>;
  agents: Handlers<keyof AgentAsks>;
  workspaces: Handlers<keyof WorkspaceAsks>;
  machines: Handlers<keyof MachineAsks>;
  load: Handlers<keyof LoadAsks>;
  tasks: Handlers<keyof TaskAsks>;
  trees: Handlers<keyof TreeAsks>;
  tools: Handlers<keyof ToolAsks>;
  status(): Promise<Asks['status']['answer']>;
  /** Ends the node; with `kill` its sessions as well. */
  stop(kill: boolean): void;
}

/** How many of them a message has room for, at least one. */
function fitting(sessions: readonly ListedSession[]): number {
  let bytes = 0;
  const past = sessions.findIndex((one) => {
    bytes += pack(one).length;
    return bytes > PAGE_BYTES;
  });
  return past < 0 ? sessions.length : Math.max(1, past);
}

type Ask = (type: string, body: unknown, aborted: AbortSignal, by: Principal) => Promise<unknown>;

/** Makes the function that answers any ask, after checking its body and who may ask it. */
export function askHandler(context: AskContext): Ask {
  const handlers = handlersOf(context);
  return async (type, body, aborted, by) => {
    if (!Object.hasOwn(asks, type)) {
      throw new SkeinError('unknown_command', `A node does not answer "${type}".`, {
        known: Object.keys(asks),
      });
    }
    const name = type as keyof Asks;
    const parsed = parseBody(asks[name], body);
    const session = admitAsk(name, parsed as { ref?: string }, by, await seenBy(by, context.sessions));
    const handle = handlers[name] as (body: unknown, call: object) => Promise<unknown>;
    return handle(parsed, { by, aborted, session });
  };
}

/** The sessions that somebody may know of. */
async function seenBy(by: Principal, sessions: Sessions): Promise<readonly Listed[]> {
  const all = await sessions.list();
  return by.kind === 'owner' ? all : all.filter(({ devices }) => Object.hasOwn(devices, by.device));
}

function handlersOf({
  sessions,
  hosts,
  home,
  connected,
  peers,
  agents,
  workspaces,
  machines,
  tools,
  load,
  tasks,
  trees,
  status,
  stop,
}: AskContext): Handlers {
  const onlookers = ({ run }: SessionState): Onlookers => {
    const { who = [], typed } = sessions.presence(run?.run ?? '') ?? {};
    return { who, typist: typed?.who };
  };
  /** Those that are listed for somebody, the oldest first. */
  const listable = async (by: Principal): Promise<readonly Listed[]> => {
    const seen = await seenBy(by, sessions);
    // What another machine has here it shows as its own.
    return by.kind === 'owner' ? seen : seen.filter(({ hosted }) => hosted === undefined);
  };
  const listed = async (by: Principal): Promise<ListedSession[]> => shown(await listable(by), by);
  const shown = async (list: readonly Listed[], by: Principal): Promise<ListedSession[]> => {
    const agents = await doings(list);
    const most = argvShare(list.length);
    return list.map(({ id, name, state, created, argv, run, devices, compose, hosted }) => {
      const here = sessions.presence(run);
      const size = here === undefined ? null : { cols: here.cols, rows: here.rows };
      const role = by.kind === 'owner' ? undefined : devices[by.device]?.role;
      const told = {
        id,
        name,
        state,
        attached: here?.attached ?? 0,
        created,
        size,
        argv: argvInShort(argv, most),
        ...agents.get(id),
        ...(compose === undefined ? {} : { compose }),
        ...(hosted === undefined ? {} : { hosted: { node: hosted.node, name: hosted.name } }),
      };
      return role === undefined ? told : { ...told, role };
    });
  };
  /** What the agents of those sessions do that have any. */
  const doings = async (list: readonly Listed[]) => {
    const found = new Map<string, Pick<ListedSession, 'agents'>>();
    for (const { id, agents: has } of list) {
      if (has.length === 0) continue;
      const state = await sessions.session(id);
      const all = Object.values(state.agents);
      const told = all.map((one) => {
        const { agent, name, definition } = one;
        const where = one.workspace ? { workspace: one.workspace.name } : {};
        const far = farIn(state, agent);
        const away = far && awayWords(far, Date.now());
        const elsewhere = far === undefined ? {} : { on: far.node, ...(away === undefined ? {} : { away }) };
        return { agent, name, definition, doing: doing(one, state), ...where, ...elsewhere };
      });
      found.set(id, { agents: told });
    }
    return found;
  };
  const answer = (state: SessionState, by: Principal) => sessionAnswer(state, by, onlookers(state));
  return {
    ...peers,
    ...agents,
    ...workspaces,
    ...machines,
    ...tools,
    ...load,
    ...tasks,
    ...trees,
    ...terminalHandlers({ sessions, hosts, home }),
    status,
    async sessions(_, { by }) {
      return listed(by);
    },
    async sessionPage({ after }, { by }) {
      const left = (await listable(by)).filter((one) => after === null || byAge(one, after) > 0);
      const told = await shown(left.slice(0, PAGE), by);
      const count = fitting(told);
      const last = count < left.length ? left[count - 1] : undefined;
      const more = last === undefined ? null : { created: last.created, id: last.id };
      return { sessions: told.slice(0, count), more };
    },
    bygone: (body) => sessions.bygone(body),
    async listing(_, { by }) {
      return JSON.stringify(await listed(by));
    },
    async table({ running, colours }, { by }) {
      const all = await listed(by);
      const shown = running ? all.filter(({ state }) => state === 'running') : all;
      return shown.length === 0 ? '' : listing(shown, colours ? COLOURS : NONE, Date.now());
    },
    async session(_, { by, session }) {
      const { state, cursor } = await sessions.at(session.id);
      const shows = toldSeenIn(home, session.id);
      return { ...answer(state, by), cursor, ...(shows === undefined ? {} : { shows }) };
    },
    async started(_, { by, session, aborted }) {
      return answer(await sessions.until(session.id, settled, aborted), by);
    },
    async ended({ timeout }, { by, session, aborted }) {
      const limit = AbortSignal.any([aborted, AbortSignal.timeout(timeout ?? WAIT_MS)]);
      return answer(await sessions.until(session.id, over, limit), by);
    },
    async members(_, { session }) {
      const state = await sessions.session(session.id);
      return membersAnswer(state, onlookers(state), connected);
    },
    async tickets(_, { session }) {
      return ticketsAnswer(await sessions.session(session.id), Date.now());
    },
    async env({ vars }) {
      return { handle: sessions.environments.keep(vars) };
    },
    async stop({ kill }) {
      stop(kill ?? false);
      return { stopping: true };
    },
  };
}
