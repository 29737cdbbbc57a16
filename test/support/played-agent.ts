/**
 * An agent made of nothing but its protocol, as a program: `played-agent.ts PROTOCOL FOLDER [ODDITY]`. It does what its prompts name
 * (plays.ts), in pieces and with pauses as chance has it, and keeps every byte that it is written in `FOLDER/RUN.in`.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeAcp } from '@skein/node/drivers/acp/agent.fixture';
import { fakeClaude } from '@skein/node/drivers/claude/agent.fixture';
import { fakeCodex } from '@skein/node/drivers/codex/agent.fixture';
import type { FakeAgent, FakeScript, FakeStep } from '@skein/node/drivers/fake.fixture';
import { oddities, playIn } from './plays.ts';
import { Random } from './random.ts';

const AGENTS: Record<string, (script: FakeScript) => FakeAgent> = {
  claude: fakeClaude,
  acp: fakeAcp,
  codex: fakeCodex,
};
/** Milliseconds between two pieces of its output, at most. */
const PAUSE_MS = 16;

const [, , protocol = '', folder = '/tmp', ...words] = process.argv;
const stays = oddities(words);
const run = process.env.SKEIN_RUN ?? 'none';
const random = new Random([...run].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7));
const turns: FakeStep[][] = [];
const agent = AGENTS[protocol]?.({ session: `own-${protocol}`, turns });
if (agent === undefined) throw new Error(`no protocol ${protocol}`);

let waiting = Buffer.alloc(0);
let printing = false;

async function print(): Promise<void> {
  if (printing) return;
  printing = true;
  while (waiting.length > 0) {
    // Mostly a line; at times a part of one, or all there is.
    const line = waiting.indexOf(10) + 1;
    const size = random.chance(0.2) ? random.int(1, waiting.length) : line;
    process.stdout.write(waiting.subarray(0, size));
    waiting = waiting.subarray(size);
    await sleep(random.int(0, PAUSE_MS));
  }
  printing = false;
}

const input = new PassThrough();
process.stdin.on('data', (bytes) => {
  // Kept before anything is done with it.
  appendFileSync(join(folder, `${run}.in`), bytes);
  input.write(bytes);
});
process.stdin.on('end', () => stays || process.exit(0));
createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
  const steps = playIn(line);
  if (steps !== undefined) turns.push(steps);
  const lines = agent.receive(line).map((one) => `${one}\n`);
  waiting = Buffer.concat([waiting, Buffer.from(lines.join(''))]);
  void print();
});
