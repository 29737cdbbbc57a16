/**
 * W1: Claude Code and Codex, on the scripted model, are told to add a line to the same file at the same time, in one directory that
 * is a workspace, with pauses of any length before each thing that they do; in a fifth of them the node is killed meanwhile. No line
 * is lost, and each turn ends as it should. `count` is the number of interleavings (rules W2, W3, A2).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { agentPath } from '../../scripts/agents/places.ts';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { SharedFile } from '../claims/shared-file.ts';
import { Random } from '../support/random.ts';
import { Failures, type Fault, percentile } from './fault.ts';

/** Milliseconds of pauses, at most: from none to longer than an agent takes for a step. */
const PAUSES = [0, 20, 80, 250, 600];
/** In how many of them the node is killed (SIGKILL), and within how many milliseconds: about as long as one takes. */
const KILLED = 0.2;
const WITHIN_MS = 1_000;

export const w1: Fault = async ({ count, seed, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const found = [codex, claude].map((agent) => ({ agent, ...agentPath(agent.name) }));
  const skipped = found.flatMap(({ missing }) => missing ?? []);
  if (skipped.length > 0) return { id: 'W1', runs: 0, failures: [], seed, skipped, figures: {} };
  const shared = await SharedFile.start(
    found.map(({ agent, path = '' }) => ({ agent, program: path })),
    true,
  );
  const times: number[] = [];
  let refused = 0;
  let contested = 0;
  let killed = 0;
  try {
    for (let n = 1; n <= count; n++) {
      const pause = random.pick(PAUSES);
      const playing = shared.round(random, pause);
      // Looked at below, when the node is back.
      playing.catch(() => {});
      if (random.chance(KILLED)) {
        await sleep(random.int(0, WITHIN_MS));
        await shared.killNode();
        killed += 1;
      }
      const round = await playing;
      times.push(round.ms);
      refused += round.refused;
      contested += round.again > 0 ? 1 : 0;
      const about = `interleaving ${n} (pauses to ${pause} ms)`;
      failures.add(...round.lost.map((line) => `${about} has lost "${line}"`));
      failures.add(...round.odd.map((end) => `${about} did not end as it should: ${end}`));
      log(`W1: ${n} interleavings, ${contested} contested`);
    }
  } finally {
    await shared.stop();
  }
  const figures = {
    contested,
    refused,
    killed,
    p50_ms: percentile(times, 50),
    p99_ms: percentile(times, 99),
  };
  return { id: 'W1', runs: times.length, failures: failures.all, seed, skipped, figures };
};
