/** Answers what clients ask (see protocol's sessions/asks.ts): reads, waits, and rights that live for seconds. */
import { SkeinError } from '@skein/protocol/errors';
import type { PeerAsks } from '@skein/protocol/peers/asks';
import { type Asks, asks, type ListedSession } from '@skein/protocol/sessions/asks';
import { listing } from '@skein/protocol/sessions/listing';
import type { Listed } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { COLOURS, NONE } from '@skein/protocol/text/paint';
import { parseBody } from '../actors/parse-body.ts';
import { readFinal } from '../host/final-screen.ts';
import { runDir } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import {
  type Connected,
  membersAnswer,
  type Onlookers,
  sessionAnswer,
  ticketsAnswer,
} from '../members/answers.ts';
import type { Principal } from '../members/principal.ts';
import { LOCAL } from '../members/typing.ts';
import { admitAsk, type CallOf } from './ask-call.ts';
import { grantRight } from './rights.ts';
import type { Sessions } from './service.ts';
import { floorFor } from './terminals.ts';

/** Milliseconds that `ended` waits unless told otherwise. */
const WAIT_MS = 3_600_000;

/** Milliseconds for a program's end to be recorded. */
const RECORD_MS = 5_000;

interface AskContext {
  sessions: Sessions;
  hosts: HostPool;
  home: string;
  connected: Connected;
  /** What is asked about other nodes is answered elsewhere. */
  peers: Pick<Handlers, keyof PeerAsks>;
  status(): Promise<Asks['status']['answer']>;
  /** Ends the node; with `kill` its sessions as well. */
  stop(kill: boolean): void;
}

type Handlers = {
  [K in keyof Asks]: (body: Asks[K]['body'], call: CallOf<K>) => Promise<Asks[K]['answer']>;
};

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
async function seenBy(by: Principal, sessions: Sessions): Promise<Listed[]> {
  const all = await sessions.list();
  return by.kind === 'owner' ? all : all.filter(({ devices }) => Object.hasOwn(devices, by.device));
}

function handlersOf({ sessions, hosts, home, connected, peers, status, stop }: AskContext): Handlers {
  const settled = (state: SessionState) => state.run !== null && state.run.state !== 'starting';
  const over = (state: SessionState) => settled(state) && state.run?.state !== 'running';
  const onlookers = ({ run }: SessionState): Onlookers => {
    const { who = [], typed } = sessions.presence(run?.run ?? '') ?? {};
    return { who, typist: typed?.who };
  };
  const listed = async (by: Principal): Promise<ListedSession[]> => {
    const list = await seenBy(by, sessions);
    list.sort((a, b) => a.created - b.created);
    return list.map(({ id, name, state, created, argv, run, devices }) => {
      const here = sessions.presence(run);
      const size = here === undefined ? null : { cols: here.cols, rows: here.rows };
      const role = by.kind === 'owner' ? undefined : devices[by.device]?.role;
      const shown = { id, name, state, attached: here?.attached ?? 0, created, size, argv };
      return role === undefined ? shown : { ...shown, role };
    });
  };
  const answer = (state: SessionState, by: Principal) => sessionAnswer(state, by, onlookers(state));
  return {
    ...peers,
    status,
    async sessions(_, { by }) {
      return listed(by);
    },
    async listing(_, { by }) {
      return JSON.stringify(await listed(by));
    },
    async table({ running, colours }, { by }) {
      const all = await listed(by);
      const shown = running ? all.filter(({ state }) => state === 'running') : all;
      return shown.length === 0 ? '' : listing(shown, colours ? COLOURS : NONE, Date.now());
    },
    async session(_, { by, session }) {
      return answer(await sessions.session(session.id), by);
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
    async right({ role }, { session: { id, name }, aborted }) {
      const { run } = await sessions.until(id, settled, aborted);
      if (run?.state !== 'running' || run.host === undefined)
        return { id, name, run: run?.run ?? '', ended: true };
      const { socket, token } = await grantRight(hosts, {
        run: run.run,
        host: run.host,
        role,
        who: LOCAL,
        floor: 0,
      });
      return { id, name, run: run.run, socket, token };
    },
    async screen({ form, history: wanted = 0 }, { by, session: { id, name }, aborted }) {
      const begun = await sessions.until(id, settled, aborted);
      const { run } = begun;
      // Lines have no offsets: of a program that ran before somebody came they are given the present screen alone (M3).
      const history = floorFor(by, begun, run?.run ?? '') > 0 ? 0 : wanted;
      if (run?.state === 'running' && run.host !== undefined) {
        try {
          const host = hosts.get(run.host);
          return { id, ...(await host.request('screen', { run: run.run, form, history })) };
        } catch (error) {
          // It has ended, and its end is being recorded: its last screen is on disk.
          if (SkeinError.from(error).code !== 'not_running') throw error;
          await sessions.until(id, over, AbortSignal.any([aborted, AbortSignal.timeout(RECORD_MS)]));
        }
      }
      const final = run === null ? undefined : readFinal(runDir(home, run.run));
      if (final === undefined) throw new SkeinError('gone', `Nothing is kept of the screen of "${name}".`);
      return {
        id,
        offset: final.offset,
        cols: final.cols,
        rows: final.rows,
        data: lastLines(final[form], final.rows + history),
      };
    },
    async resize({ cols, rows }, { by, session: { id, name } }) {
      const state = await sessions.session(id);
      const { run } = state;
      if (run?.state !== 'running' || run.host === undefined) {
        throw new SkeinError('not_running', `Session "${name}" has no running program.`);
      }
      return hosts
        .get(run.host)
        .request('resize', { run: run.run, cols, rows, veiled: floorFor(by, state, run.run) > 0 });
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

/** The last lines of a text that ends each with a newline. */
function lastLines(text: string, count: number): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return `${lines.slice(-count).join('\n')}\n`;
}
