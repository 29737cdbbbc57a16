/**
 * X1: a lead (the real Claude Code) on one machine starts two workers (the real Codex) on two others through MCP, gives each a part of
 * a job in one repository, waits, reads, and lands both; meanwhile machines are unplugged, and nodes and the relay killed, at random
 * moments. What is landed is the same, and home has every event of the workers once. `count` is the number of jobs (rules X1–X3, N1).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { agentPath } from '../../scripts/agents/places.ts';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { Job } from '../directing/job.ts';
import { Machines } from '../support/machines.ts';
import { Random } from '../support/random.ts';
import { Failures, type Fault, percentile } from './fault.ts';

/** Milliseconds between two faults, and for which a machine is unplugged, at most: both more and less than a connection lives. */
const BETWEEN_MS = 1_500;
const UNPLUGGED_MS = 12_000;
/** Milliseconds of a job in which there are faults; then it is left to end. */
const FAULTY_MS = 25_000;

type What = 'unplugged' | 'node' | 'relay';

export const x1: Fault = async ({ count, seed, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const [lead, worker] = [claude, codex].map((agent) => ({ agent, ...agentPath(agent.name) }));
  const why = [Machines.missing(), lead?.missing, worker?.missing].flatMap((one) => one ?? []);
  if (lead === undefined || worker === undefined || why.length > 0)
    return { id: 'X1', runs: 0, failures: [], seed, skipped: why, figures: {} };
  const wanted = ({ agent, path = '' }: typeof lead) => ({ agent, program: path });
  const job = await Job.start(wanted(lead), wanted(worker), ['--away', 'go-on']);
  const times: number[] = [];
  const faults: Record<What, number> = { unplugged: 0, node: 0, relay: 0 };
  try {
    for (let n = 1; n <= count && failures.list.length === 0; n++) {
      log(`X1: job ${n} of ${count}`);
      try {
        const { missing, odd, ms } = await job.round((done) => disturb(job, random, faults, done));
        times.push(ms);
        failures.add(...missing.map((path) => `job ${n}: ${path} has not landed`));
        failures.add(...odd.map((one) => `job ${n}: ${one}`));
      } catch (error) {
        failures.add(`job ${n}: ${(error as Error).message}`);
      }
    }
  } finally {
    await job.end();
  }
  const figures = { ...faults, job_p50_ms: percentile(times, 50), job_max_ms: percentile(times, 100) };
  return { id: 'X1', runs: times.length, failures: failures.all, seed, skipped: [], figures };
};

/** One fault after the other, until the job is done; all is whole again at its end. */
async function disturb(
  job: Job,
  random: Random,
  faults: Record<What, number>,
  done: AbortSignal,
): Promise<void> {
  const until = performance.now() + FAULTY_MS;
  const pause = (ms: number) => sleep(ms, undefined, { signal: done }).catch(() => {});
  while (!done.aborted && performance.now() < until) {
    await pause(random.int(0, BETWEEN_MS));
    const what = random.pick<What>(['unplugged', 'node', 'node', 'relay']);
    const where = random.pick([job.home, ...Object.values(job.workers)]);
    if (done.aborted) break;
    faults[what] += 1;
    if (what === 'unplugged') {
      job.machines.plug(where.name, false);
      await pause(random.int(0, UNPLUGGED_MS));
      job.machines.plug(where.name, true);
    } else if (what === 'node') {
      where.killNode();
      await pause(random.int(0, BETWEEN_MS));
      where.up();
    } else {
      await job.relay.kill();
      await pause(random.int(0, BETWEEN_MS));
      await job.relay.start();
    }
  }
}
