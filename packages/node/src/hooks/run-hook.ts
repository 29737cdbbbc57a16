/**
 * One hook: reports what stands on stdin, and where it asks, waits for people's answer as long as a node is there to give it, and
 * prints that.
 */
import fs from 'node:fs';
import { answerTo, post, postGone, readInput } from './post.ts';

/** Milliseconds that a node may be away; then the agent asks by itself. */
const AWAY_MS = 10_000;
/** Milliseconds between two looks whether it is back. */
const AGAIN_MS = 250;

/** `socket` is the node's: with it somebody is waited for. */
export async function runHook(dir: string, hook: string, socket: string | undefined): Promise<void> {
  const id = post(dir, hook, readInput(), socket !== undefined);
  if (socket === undefined) return;
  const giveUp = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => giveUp.abort());
  void whileThere(socket, giveUp);
  const answer = await answerTo(dir, id, giveUp.signal);
  if (answer === undefined) postGone(dir, id);
  else if (answer !== '') fs.writeSync(1, answer);
}

/** Gives up when no node has listened for too long. */
async function whileThere(socket: string, giveUp: AbortController): Promise<void> {
  const { connect } = await import('node:net');
  let away = performance.now();
  const look = () => {
    const connection = connect(socket);
    connection.on('connect', () => {
      away = Number.POSITIVE_INFINITY;
    });
    connection.on('error', () => {});
    connection.on('close', () => {
      if (away === Number.POSITIVE_INFINITY) away = performance.now();
      if (performance.now() - away > AWAY_MS) giveUp.abort();
      else setTimeout(look, AGAIN_MS);
    });
  };
  look();
}
