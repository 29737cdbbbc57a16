/**
 * An agent that speaks ACP and only tells: prompted with a number, it says so many words a second until it is cancelled; with
 * 0, as many as are taken from it. `node streaming-agent.ts`.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between what is said: a model's words come in handfuls. */
const BEAT_MS = 20;

const SESSION = 'stream';

const write = (message: object) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

let cancelled = false;

async function turn(id: unknown, rate: number): Promise<void> {
  cancelled = false;
  const began = performance.now();
  for (let said = 0; !cancelled; said++) {
    const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: `word${said} ` } };
    const went = write({ method: 'session/update', params: { sessionId: SESSION, update } });
    if (!went) await once(process.stdout, 'drain');
    const ahead = rate === 0 ? 0 : (said * 1_000) / rate - (performance.now() - began);
    if (ahead > BEAT_MS) await sleep(BEAT_MS);
    // Nothing but a wait lets a cancel be read.
    else if (said % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  write({ id, result: { stopReason: 'cancelled' } });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') write({ id, result: { protocolVersion: 1, agentCapabilities: {} } });
  else if (method === 'session/new') write({ id, result: { sessionId: SESSION } });
  else if (method === 'session/cancel') cancelled = true;
  else if (method === 'session/prompt') void turn(id, Number(params.prompt[0].text));
}
