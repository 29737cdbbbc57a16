/**
 * F5: `kill -9` of the relay that a session is used through, with two configured: the attached terminal goes on by the other
 * within five seconds, with nothing missing and nothing twice. `count` is the number of kills (rules M5, C4, H3).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Joined } from '../support/joined.ts';
import { within } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { Failures, type Fault, percentile, round } from './fault.ts';

/** Milliseconds within which 99 of 100 are attached again; and after which it counts as lost. */
const AGAIN_MS = 5_000;
const LOST_MS = 30_000;

export const f5: Fault = async ({ count, seed, timing, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const again: number[] = [];
  const joined = await Joined.start({ random, relays: 2, direct: false });
  try {
    for (let kill = 1; kill <= count && failures.list.length === 0; kill++) {
      log(`F5: kill ${kill} of ${count}`);
      await sleep(random.int(0, 300));
      const { path, via } = await joined.path();
      const used = joined.relays.find(({ url }) => via !== undefined && url.startsWith(via));
      if (used === undefined) {
        failures.add(`kill ${kill}: the path is ${path}, via ${via}`);
        break;
      }
      joined.attached.type();
      const began = performance.now();
      await used.kill();
      joined.attached.type();
      // Printed after the relay's death, so it cannot have come through it.
      const due = (await joined.counted()) + 1;
      try {
        again.push((await within(LOST_MS, 'attached again', joined.attached.until(due))) - began);
        await joined.whole(LOST_MS);
      } catch (error) {
        failures.add(`kill ${kill}: ${(error as Error).message}`);
      }
      failures.add(...joined.problems().map((problem) => `kill ${kill}: ${problem}`));
      await used.start();
    }
    const figures = {
      again_p50_ms: round(percentile(again, 50)),
      again_p99_ms: round(percentile(again, 99)),
      again_max_ms: round(percentile(again, 100)),
      numbers: joined.output.next,
    };
    if (timing && figures.again_p99_ms > AGAIN_MS)
      failures.add(`attached again within ${figures.again_p99_ms} ms (p99), more than ${AGAIN_MS}`);
    return { id: 'F5', runs: again.length, failures: failures.all, seed, figures, skipped: [] };
  } finally {
    await joined.end();
  }
};
