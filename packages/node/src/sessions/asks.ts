/** Answers what clients ask (see protocol's sessions/asks.ts): reads, waits, and rights that live for seconds. */
import { randomBytes } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { type Asks, asks, type ListedSession } from '@skein/protocol/sessions/asks';
import { listing } from '@skein/protocol/sessions/listing';
import type { Listed } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { COLOURS, NONE } from '@skein/protocol/text/paint';
import { readFinal } from '../host/final-screen.ts';
import { hashOf } from '../host/rights.ts';
import { runDir } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import { parseBody } from './parse.ts';
import { resolveRef } from './resolve.ts';
import type { Sessions } from './service.ts';

/** Milliseconds that `ended` waits unless told otherwise. */
const WAIT_MS = 3_600_000;

/** Milliseconds for a program's end to be recorded. */
const RECORD_MS = 5_000;

export interface AskContext {
  sessions: Sessions;
  hosts: HostPool;
  home: string;
  status(): Promise<Asks['status']['answer']>;
  /** Ends the node; with `kill` its sessions as well. */
  stop(kill: boolean): void;
}

type Handlers = {
  [K in keyof Asks]: (body: Asks[K]['body'], aborted: AbortSignal) => Promise<Asks[K]['answer']>;
};

/** Makes the function that answers any ask, after checking its body. */
export function askHandler(
  context: AskContext,
): (type: string, body: unknown, aborted: AbortSignal) => Promise<unknown> {
  const handlers = handlersOf(context);
  return async (type, body, aborted) => {
    if (!Object.hasOwn(asks, type)) {
      throw new SkeinError('unknown_command', `A node does not answer "${type}".`, {
        known: Object.keys(asks),
      });
    }
    const name = type as keyof Asks;
    const handle = handlers[name] as (body: unknown, aborted: AbortSignal) => Promise<unknown>;
    return handle(parseBody(asks[name], body), aborted);
  };
}

function handlersOf({ sessions, hosts, home, status, stop }: AskContext): Handlers {
  const find = async (ref: string): Promise<Listed> => resolveRef(await sessions.list(), ref);
  const settled = (state: SessionState) => state.run !== null && state.run.state !== 'starting';
  const over = (state: SessionState) => settled(state) && state.run?.state !== 'running';
  const listed = async (): Promise<ListedSession[]> => {
    const list = await sessions.list();
    list.sort((a, b) => a.created - b.created);
    return list.map(({ id, name, state, created, argv, run }) => {
      const here = sessions.presence(run);
      const size = here === undefined ? null : { cols: here.cols, rows: here.rows };
      return { id, name, state, attached: here?.attached ?? 0, created, size, argv };
    });
  };
  return {
    status,
    sessions: listed,
    async listing() {
      return JSON.stringify(await listed());
    },
    async table({ running, colours }) {
      const all = await listed();
      const shown = running ? all.filter(({ state }) => state === 'running') : all;
      return shown.length === 0 ? '' : listing(shown, colours ? COLOURS : NONE, Date.now());
    },
    async session({ ref }) {
      return sessions.session((await find(ref)).id);
    },
    async started({ ref }, aborted) {
      return sessions.until((await find(ref)).id, settled, aborted);
    },
    async ended({ ref, timeout }, aborted) {
      const limit = AbortSignal.any([aborted, AbortSignal.timeout(timeout ?? WAIT_MS)]);
      return sessions.until((await find(ref)).id, over, limit);
    },
    async right({ ref, role }, aborted) {
      const { id, name } = await find(ref);
      const { run } = await sessions.until(id, settled, aborted);
      if (run?.state !== 'running' || run.host === undefined)
        return { id, name, run: run?.run ?? '', ended: true };
      const token = randomBytes(16).toString('base64url');
      await hosts.get(run.host).request('right', { hash: hashOf(token), run: run.run, role });
      return { id, name, run: run.run, socket: hosts.socketOf(run.host), token };
    },
    async screen({ ref, form, history }, aborted) {
      const { id, name } = await find(ref);
      const { run } = await sessions.until(id, settled, aborted);
      if (run?.state === 'running' && run.host !== undefined) {
        try {
          const host = hosts.get(run.host);
          return { id, ...(await host.request('screen', { run: run.run, form, history: history ?? 0 })) };
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
        data: lastLines(final[form], final.rows + (history ?? 0)),
      };
    },
    async resize({ ref, cols, rows }) {
      const { id, name } = await find(ref);
      const { run } = await sessions.session(id);
      if (run?.state !== 'running' || run.host === undefined) {
        throw new SkeinError('not_running', `Session "${name}" has no running program.`);
      }
      return hosts.get(run.host).request('resize', { run: run.run, cols, rows });
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
