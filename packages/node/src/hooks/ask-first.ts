/**
 * The hook that Claude Code runs before it writes a file in a workspace (rule W2): asks the node whether it may, and says no when
 * nobody answers. It never says yes: whether people are asked stays the agent's own business. And the one that it runs before it
 * reads one, which waits for nobody (rule W3).
 */
import fs from 'node:fs';
import { givenUp, whileThere } from './node-there.ts';
import { answerTo, postCall, postGone, readInput } from './post.ts';

export const ASK_EVENT = 'AskFirst';
export const READ_EVENT = 'ToldRead';

/** Milliseconds that a node may be away, and that it may take for its answer in all. */
const AWAY_MS = 60_000;
const ANSWER_MS = 600_000;
/** Milliseconds before anybody looks whether it is there: nearly all answers come before. */
const PATIENCE_MS = 1_000;
const TIMES = { away: AWAY_MS, answer: ANSWER_MS, patience: PATIENCE_MS };
type Times = typeof TIMES;
/** Seconds after which the agent would end this hook, and write: it must have ended by itself. */
export const ASK_S = (ANSWER_MS + AWAY_MS) / 1_000;

/** The status by which a hook that has failed keeps its tool from running. */
const BLOCKS = 2;

const AWAY =
  'Skein is not running, so nobody can tell whether somebody else has claimed this file, and it is not written. ' +
  'Ask the user to start it (skein up), then try again.';
const SLOW =
  'Skein did not answer whether somebody else has claimed this file, so it is not written. Try again.';

/** What the hook prints for a no. */
export function denied(reason: string): string {
  const decision = { permissionDecision: 'deny', permissionDecisionReason: reason };
  return JSON.stringify({ hookSpecificOutput: { hookEventName: 'PreToolUse', ...decision } });
}

/** What the hook is to print. Throws when it cannot even ask. */
export async function askFirst(
  dir: string,
  socket: string,
  input: string,
  { away, answer: most, patience }: Times = TIMES,
): Promise<string> {
  const id = postCall(dir, ASK_EVENT, input, true);
  const giveUp = givenUp();
  const slow = AbortSignal.timeout(most);
  void whileThere(socket, giveUp, { away, patience });
  const answer = await answerTo(dir, id, AbortSignal.any([giveUp.signal, slow]));
  if (answer === undefined) postGone(dir, id);
  return answer ?? denied(slow.aborted ? SLOW : AWAY);
}

/** Asks for the program that runs this process, and ends it. */
export async function askFirstAndEnd(dir: string, socket: string): Promise<void> {
  try {
    const text = await askFirst(dir, socket, readInput());
    if (text !== '') fs.writeSync(1, text);
    process.exit(0);
  } catch (error) {
    fs.writeSync(2, `Skein cannot tell whether somebody else has claimed this file: ${error}`);
    process.exit(BLOCKS);
  }
}

export function tellRead(dir: string): void {
  postCall(dir, READ_EVENT, readInput(), false);
}
