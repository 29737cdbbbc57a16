/**
 * F2: SIGKILL at each `fsync`, `fdatasync`, `pwrite64`, `rename`, `unlink` of a scripted run, by strace; and from a trace,
 * that each acknowledgement leaves after its transaction is on the disk. `count` is the most points that are tried; with
 * fewer than there are, they are picked at random (rules L2, K2, K4, H4).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { destroyHome, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { within } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { killingAt, straceMissing, Traced, tracing } from '../support/strace.ts';
import { connectNode } from '../support/transport.ts';
import { acknowledgedTooEarly } from './ack-order.ts';
import { Failures, type Fault } from './fault.ts';
import { judge, play } from './script.ts';

// SQLite as better-sqlite3 builds it calls fsync where others call fdatasync.
const CALLS = ['fsync', 'fdatasync', 'pwrite64', 'rename', 'unlink'] as const;

/** Milliseconds for the script with a kill and a restart in it. */
const PATIENCE_MS = 60_000;

interface Point {
  call: string;
  n: number;
}

export const f2: Fault = async ({ count, seed, log }) => {
  const missing = straceMissing();
  const none = { id: 'F2', runs: 0, failures: [], seed, figures: {} };
  if (missing !== undefined) return { ...none, skipped: [missing] };
  const random = new Random(seed);
  const failures = new Failures();
  const { checked, problems } = await acknowledgedTooEarly();
  failures.add(...problems);
  const all = await findPoints();
  const points = pickPoints(all, count, random);
  let killed = 0;
  for (const [i, point] of points.entries()) {
    log(`F2: ${i + 1} of ${points.length}: ${point.call} ${point.n}`);
    try {
      const { died, wrong } = await tryPoint(point);
      if (died) killed++;
      failures.add(...wrong.map((what) => `killed at ${point.call} ${point.n}: ${what}`));
    } catch (error) {
      failures.add(`killed at ${point.call} ${point.n}: ${(error as Error).message}`);
    }
  }
  const figures = { points: all.length, killed, acknowledgements_checked: checked };
  return { id: 'F2', runs: points.length, failures: failures.all, seed, figures, skipped: [] };
};

/** How often the busiest thread makes each call: strace counts for each thread apart. */
async function findPoints(): Promise<Point[]> {
  const home = makeHome();
  const file = join(home, '..', 'trace');
  const node = await NodeProcess.start(home, { under: tracing(file, CALLS) });
  const traced = new Traced(node);
  try {
    const client = await connectNode(home);
    await within(PATIENCE_MS, 'the script', play(client));
    client.close();
  } finally {
    await traced.end();
  }
  const counts = new Map<string, number>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, pid, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (call !== undefined) counts.set(`${pid} ${call}`, (counts.get(`${pid} ${call}`) ?? 0) + 1);
  }
  destroyHome(home);
  return CALLS.flatMap((call) => {
    const most = Math.max(0, ...[...counts].filter(([key]) => key.endsWith(` ${call}`)).map(([, n]) => n));
    return Array.from({ length: most }, (_, i) => ({ call, n: i + 1 }));
  });
}

/** All of them, or some: one call after the other, so that a few points touch every call. */
function pickPoints(all: Point[], count: number, random: Random): Point[] {
  if (count >= all.length) return all;
  const picked = new Set<Point>();
  for (let i = 0; picked.size < count; i++) {
    const left = all.filter((point) => point.call === CALLS[i % CALLS.length] && !picked.has(point));
    if (left.length > 0) picked.add(random.pick(left));
  }
  return [...picked];
}

/** The script on a node that is killed at a point, and again on one that is not, until every command is answered. */
async function tryPoint({ call, n }: Point): Promise<{ died: boolean; wrong: string[] }> {
  const home = makeHome();
  const doomed = NodeProcess.launch(home, { under: killingAt(call, n) });
  const traced = new Traced(doomed);
  let node: NodeProcess | undefined;
  let over = false;
  // Whatever was killed, a person would start the node again.
  const again = (async () => {
    await traced.ended(PATIENCE_MS);
    if (over) return false;
    await traced.end();
    node = await NodeProcess.start(home);
    return true;
  })();
  again.catch(() => {});
  try {
    const client = await within(PATIENCE_MS, 'a connection', patientClient(home));
    const played = await within(PATIENCE_MS, 'the script', play(client));
    over = node === undefined;
    if (over) await traced.end();
    const died = await again;
    node ??= await NodeProcess.start(home);
    // strace follows the host as well, so it may be the one that was killed: its runs are lost then, and told so.
    const wrong = await within(PATIENCE_MS, 'the checks', judge(client, played, true));
    client.close();
    return { died, wrong };
  } finally {
    over = true;
    await traced.end();
    await node?.kill();
    destroyHome(home);
  }
}

/** The node may die before it ever listens: tries until somebody answers. */
async function patientClient(home: string) {
  for (;;) {
    try {
      return await connectNode(home, { retryFor: PATIENCE_MS });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
