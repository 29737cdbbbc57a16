/**
 * Starts the node for a command that needs it. Ten commands may do so at the same moment: the home's lock lets one of
 * the ten nodes live, the others say `already_running`, and their starters wait for that one's socket.
 */

import fs from 'node:fs';
import path from 'node:path';
import { ownEnvironment } from '@skein/client/environment';
import { isAbsent } from '@skein/client/running';
import { NODE_FLAGS, PASSING_MALLOC } from '@skein/node/flags';
import { openHome } from '@skein/node/home';
import { spawnDetached } from '@skein/node/platform/detach';
import { FILE_MODE, makeDir } from '@skein/node/platform/files';
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';

/** Milliseconds in which a node must have opened its door; a log that needs repair takes longer than a usual start. */
const START_MS = 30_000;
/** Milliseconds after which a node that another command was starting is not waited for any longer, but started again. */
const AGAIN_MS = 3_000;

/** Starts a node and resolves with the first connection that `connect` makes; `ours` is called if it is this node that lives. */
export async function startNode<T>(
  home: string,
  connect: () => Promise<T>,
  ours: () => void = () => {},
): Promise<T> {
  openHome(home);
  const deadline = Date.now() + START_MS;
  do {
    const outcome = await launch(home, deadline);
    if (outcome === 'ready') ours();
    const patience = outcome === 'ready' ? START_MS : AGAIN_MS;
    const connected = await whenListening(home, connect, Math.min(deadline, Date.now() + patience));
    if (connected !== undefined) return connected.value;
  } while (Date.now() < deadline);
  throw new SkeinError('start_timeout', `The node did not start within ${START_MS / 1000} seconds.`);
}

/** The node's bundle: as built in the repository, as built elsewhere, as packed beside this one. */
export function nodeBundle(): string {
  const named = process.env.SKEIN_NODE_BUNDLE;
  if (named) return path.resolve(named);
  const places = ['../../node/dist/node.cjs', '../node/node.cjs', 'node/node.cjs'];
  const found = places.map((p) => path.join(import.meta.dirname, p)).find((p) => fs.existsSync(p));
  if (found !== undefined) return found;
  throw new SkeinError('node_unreachable', 'The node is not built: its bundle is not beside this program.');
}

function launch(home: string, deadline: number): Promise<'ready' | 'lost the race'> {
  const logs = path.join(home, 'logs');
  makeDir(logs);
  const log = path.join(logs, 'start.log');
  const errors = fs.openSync(log, 'a', FILE_MODE);
  const from = fs.fstatSync(errors).size;
  // Not where it was started: that directory must stay free to be removed.
  const child = spawnDetached([process.execPath, ...NODE_FLAGS, nodeBundle(), '--home', home], {
    cwd: '/',
    // Nothing of the session or the agent that it is started from, and no capability: what it starts inherits this.
    env: { ...ownEnvironment(), ...PASSING_MALLOC },
    errors,
  });
  fs.closeSync(errors);
  return new Promise((resolve, reject) => {
    let said = '';
    const settle = (act: () => void) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.stdout?.destroy();
      child.unref();
      act();
    };
    const timer = setTimeout(
      () => settle(() => reject(new SkeinError('start_timeout', 'The node takes too long to start.'))),
      deadline - Date.now(),
    );
    child.on('error', (error) =>
      settle(() =>
        reject(new SkeinError('node_unreachable', `The node cannot be started: ${error.message}.`)),
      ),
    );
    const ended = () => settle(() => reject(new SkeinError('node_unreachable', tellEnd(log, from))));
    child.stdout?.on('data', (chunk) => {
      said += chunk;
      const end = said.indexOf('\n');
      if (end < 0) return;
      const line = said.slice(0, end);
      if (line === 'ready') return settle(() => resolve('ready'));
      const error = errorIn(line);
      if (error?.code === 'already_running') return settle(() => resolve('lost the race'));
      settle(() => reject(error ?? new SkeinError('internal', `The node said "${line}".`)));
    });
    child.stdout?.on('close', ended);
  });
}

function errorIn(line: string): SkeinError | undefined {
  try {
    return SkeinError.fromBody((JSON.parse(line) as { error: ErrorBody }).error);
  } catch {
    return undefined;
  }
}

/** Why a node ended without a word: the last line that it wrote. */
function tellEnd(log: string, from: number): string {
  const written = fs.readFileSync(log).subarray(from).toString().trim().split('\n');
  const line = written.find((l) => /error/i.test(l)) ?? written.at(-1) ?? '';
  return `The node ended before it was ready${line === '' ? '' : `: ${line.trim()}`}. See ${log}`;
}

/** Connects as soon as somebody listens; undefined when nobody does by the deadline. */
async function whenListening<T>(
  home: string,
  connect: () => Promise<T>,
  deadline: number,
): Promise<{ value: T } | undefined> {
  let wake: () => void = () => {};
  const watcher = fs.watch(path.join(home, 'run'), () => wake());
  watcher.on('error', () => {});
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        return { value: await connect() };
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
      const left = deadline - Date.now();
      if (left <= 0) return undefined;
      // The system tells of a new socket before anybody listens on it, hence the short wait as well.
      const timer = setTimeout(() => wake(), Math.min(left, 50));
      await changed;
      clearTimeout(timer);
    }
  } finally {
    watcher.close();
  }
}
