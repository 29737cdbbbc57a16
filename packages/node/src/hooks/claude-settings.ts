/** The settings by which Claude Code runs our hooks, in a file of the run's own. */
import path from 'node:path';
import { CLAUDE_ASKS, CLAUDE_HOOKS } from '../drivers/pty/reports.ts';
import { nodeSocket } from '../home.ts';
import { runtimeOf } from '../hosts/records.ts';
import { runtimeFiles } from '../hosts/runtime.ts';
import { hooksDir, makeHooksDir, putFile } from './places.ts';

/** Seconds: a question waits for people as long as they need, whatever else reports at once. */
const ASK_S = 7 * 86_400;
const REPORT_S = 10;
const NAME = 'claude.json';

/** The arguments that name them. */
export function settingsArgs(home: string, run: string): string[] {
  return ['--settings', path.join(hooksDir(home, run), NAME)];
}

/** Writes them for a program that this host is going to start: its hooks are run from where the host is, and live as long. */
export function writeSettings(home: string, run: string, host: string): void {
  const dir = makeHooksDir(home, run);
  const { node, hook } = runtimeFiles(home, runtimeOf(home, host));
  // Who waits for an answer looks whether anybody is there to give it.
  const socket = nodeSocket(home);
  const hooks = Object.fromEntries(
    CLAUDE_HOOKS.map((event) => {
      const asks = event === CLAUDE_ASKS;
      const words = [node, hook, dir, event, ...(asks ? [socket] : [])];
      const command = words.map(quoted).join(' ');
      return [event, [{ hooks: [{ type: 'command', command, timeout: asks ? ASK_S : REPORT_S }] }]];
    }),
  );
  putFile(dir, NAME, JSON.stringify({ hooks }));
}

/** As one word of a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
