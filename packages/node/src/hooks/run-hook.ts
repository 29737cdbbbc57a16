/**
 * One hook: reports what stands on stdin, and where it asks, waits for people's answer as long as a node is there to give it, and
 * prints that.
 */
import fs from 'node:fs';
import { givenUp, whileThere } from './node-there.ts';
import { answerTo, post, postGone, readInput } from './post.ts';

/** Milliseconds that a node may be away; then the agent asks by itself. */
const AWAY_MS = 10_000;
/** `socket` is the node's: with it somebody is waited for. */
export async function runHook(dir: string, hook: string, socket: string | undefined): Promise<void> {
  const id = post(dir, hook, readInput(), socket !== undefined);
  if (socket === undefined) return;
  const giveUp = givenUp();
  void whileThere(socket, giveUp, { away: AWAY_MS });
  const answer = await answerTo(dir, id, giveUp.signal);
  if (answer === undefined) postGone(dir, id);
  else if (answer !== '') fs.writeSync(1, answer);
}
