/**
 * W5: Claude Code and Codex, on the scripted model, add a line to the same file at the same time, each in a worktree of its own, with
 * pauses of any length, and both land at once. No line is lost, and nothing is left behind in the directory that they land in.
 * `count` is the number of interleavings (rule W5).
 */
import { agentPath } from '../../scripts/agents/places.ts';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { OwnTrees } from '../claims/own-trees.ts';
import { Random } from '../support/random.ts';
import { Failures, type Fault, percentile } from './fault.ts';

/** Milliseconds of pauses, at most. */
const PAUSES = [0, 20, 80, 250];

export const w5: Fault = async ({ count, seed, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const found = [claude, codex].map((agent) => ({ agent, ...agentPath(agent.name) }));
  const skipped = found.flatMap(({ missing }) => missing ?? []);
  if (skipped.length > 0) return { id: 'W5', runs: 0, failures: [], seed, skipped, figures: {} };
  const trees = await OwnTrees.start(found.map(({ agent, path = '' }) => ({ agent, program: path })));
  const times: number[] = [];
  try {
    trees.haveBoth();
    for (let n = 1; n <= count; n++) {
      const pause = random.pick(PAUSES);
      const { lost, odd, ms } = await trees.round(random, pause);
      times.push(ms);
      const about = `interleaving ${n} (pauses to ${pause} ms)`;
      failures.add(
        ...lost.map((line) => `${about} has lost "${line}"`),
        ...odd.map((one) => `${about}: ${one}`),
      );
      log(`W5: ${n} interleavings`);
    }
  } finally {
    await trees.stop();
  }
  const figures = { p50_ms: percentile(times, 50), p99_ms: percentile(times, 99) };
  return { id: 'W5', runs: times.length, failures: failures.all, seed, skipped, figures };
};
