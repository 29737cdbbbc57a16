/**
 * What an agent runs as its hook: `hook.cjs DIR EVENT [NODE_SOCKET]`. It reports what stands on stdin; with a socket it waits for
 * people's answer, as long as a node is there to give it, and prints that. Its own failures are nobody's business: it
 * ends with status 0, and the agent does as it would have done without us.
 */
import fs from 'node:fs';
import { answerTo, post, postGone, readInput } from './post.ts';

/** Milliseconds that a node may be away; then the agent asks by itself. */
const AWAY_MS = 10_000;
/** Milliseconds between two looks whether it is back. */
const AGAIN_MS = 250;

async function run([dir, hook, socket]: string[]): Promise<void> {
  if (dir === undefined || hook === undefined) return;
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

run(process.argv.slice(2)).then(
  () => process.exit(0),
  () => process.exit(0),
);
