/** Answers what is asked of a session's terminal: a right to its host, what it shows, its size (rules H1, H5, H6, M3). */
import { SkeinError } from '@skein/protocol/errors';
import { LOCAL } from '@skein/protocol/host/local';
import { readFinal } from '../host/final-screen.ts';
import { runDir } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { Handlers } from './ask-call.ts';
import { checkTerminal, over, programSettled } from './moments.ts';
import { rightWhileRunning } from './rights.ts';
import type { Sessions } from './service.ts';
import { floorFor } from './terminals.ts';

/** Milliseconds for a program's end to be recorded. */
const RECORD_MS = 5_000;

interface TerminalAskContext {
  sessions: Sessions;
  hosts: HostPool;
  home: string;
}

export function terminalHandlers({
  sessions,
  hosts,
  home,
}: TerminalAskContext): Handlers<'right' | 'screen' | 'resize'> {
  return {
    async right({ role }, { session: { id, name }, aborted }) {
      const begun = await sessions.until(id, programSettled, aborted);
      checkTerminal(begun);
      const { run } = begun;
      const over = { id, name, run: run?.run ?? '', ended: true as const };
      if (run?.state !== 'running' || run.host === undefined) return over;
      const wanted = { run: run.run, host: run.host, role, who: LOCAL, floor: 0 };
      const right = await rightWhileRunning(hosts, wanted);
      return right === undefined
        ? over
        : { id, name, run: run.run, socket: right.socket, token: right.token };
    },
    async screen({ form, history: wanted = 0 }, { by, session: { id, name }, aborted }) {
      const begun = await sessions.until(id, programSettled, aborted);
      checkTerminal(begun);
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
      checkTerminal(state);
      const { run } = state;
      if (run?.state !== 'running' || run.host === undefined) {
        throw new SkeinError('not_running', `Session "${name}" has no running program.`);
      }
      return hosts
        .get(run.host)
        .request('resize', { run: run.run, cols, rows, veiled: floorFor(by, state, run.run) > 0 });
    },
  };
}

/** The last lines of a text that ends each with a newline. */
function lastLines(text: string, count: number): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return `${lines.slice(-count).join('\n')}\n`;
}
