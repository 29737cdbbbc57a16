/** The settings by which Claude Code runs our hooks, in a file of the run's own. */
import path from 'node:path';
import { CLAUDE_ASKS, CLAUDE_HOOKS } from '../drivers/pty/reports.ts';
import { nodeSocket } from '../home.ts';
import { runtimeOf } from '../hosts/records.ts';
import { runtimeFiles } from '../hosts/runtime.ts';
import { ASK_EVENT, ASK_S as FIRST_S, READ_EVENT } from './ask-first.ts';
import { claimsDir, hooksDir, makeSpool, putFile } from './places.ts';
import { type Settings, withHooks } from './their-settings.ts';

/** Seconds: a question waits for people as long as they need, whatever else reports at once. */
const ASK_S = 7 * 86_400;
const REPORT_S = 10;
const NAME = 'claude.json';

/** The tools of its own by which it changes files, and those by which it reads them. */
const WRITERS = 'Write|Edit|MultiEdit|NotebookEdit';
const READERS = 'Read|NotebookRead';

/** Which hooks it is to run: those that report what it does, in a terminal; those that ask before it writes, in a workspace. */
export interface Hooked {
  reports: boolean;
  asks: boolean;
}

type Groups = Record<string, { matcher?: string; hooks: object[] }[]>;

/** The arguments that name them. */
export function settingsArgs(home: string, run: string): string[] {
  return ['--settings', path.join(hooksDir(home, run), NAME)];
}

/** Writes them, and `theirs`, for a program that this host is going to start: its hooks are run from where the host is, and live as long. */
export function writeSettings(
  home: string,
  run: string,
  host: string,
  hooked: Hooked,
  theirs: Settings,
): void {
  const dir = makeSpool(hooksDir(home, run));
  const { node, hook } = runtimeFiles(home, runtimeOf(home, host));
  // Who waits for an answer looks whether anybody is there to give it.
  const socket = nodeSocket(home);
  const command = (timeout: number, ...words: string[]) => ({
    ...{ type: 'command', command: [node, hook, ...words].map(quoted).join(' '), timeout },
  });
  const groups: Groups = {};
  if (hooked.reports)
    for (const event of CLAUDE_HOOKS) {
      const asks = event === CLAUDE_ASKS;
      const words = [dir, event, ...(asks ? [socket] : [])];
      groups[event] = [{ hooks: [command(asks ? ASK_S : REPORT_S, ...words)] }];
    }
  if (hooked.asks) {
    const claims = makeSpool(claimsDir(home, run));
    const first = { matcher: WRITERS, hooks: [command(FIRST_S, claims, ASK_EVENT, socket)] };
    const read = { matcher: READERS, hooks: [command(REPORT_S, claims, READ_EVENT)] };
    groups.PreToolUse = [...(groups.PreToolUse ?? []), first, read];
  }
  putFile(dir, NAME, JSON.stringify(withHooks(theirs, groups)));
}

/** As one word of a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
