/**
 * F4: every fault of a link, on every link: between `skein` and its node, between either node and the relay, between the two
 * nodes. A dead link is found within ten seconds, and nothing is missing or twice: numbers a program prints, keys, events.
 * `count` is how often each fault is brought about on each link (rules C4, M1, M5, H3, K2, L3).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultyLink, LINK_FAULTS, type LinkFault } from '../support/faulty-link.ts';
import { Joined, LINKS, type Link } from '../support/joined.ts';
import { until } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { Failures, type Fault, percentile, round } from './fault.ts';

/** Milliseconds within which a dead link is found; beside other tests, what is allowed. */
const FOUND_MS = 10_000;
const SLOW_FOUND_MS = 20_000;
/** Milliseconds for everything to be whole again after a fault. */
const WHOLE_MS = 20_000;
/** Milliseconds that a fault lasts which nobody has to notice. */
const DELAY_MS = 2_000;

interface Found {
  link: Link;
  fault: LinkFault;
  /** Milliseconds until the terminal said that it is cut off, or went on; and from the fault's end until all was whole. */
  found: number;
  whole: number;
}

export const f4: Fault = async ({ count, seed, timing, log }) => {
  const failures = new Failures();
  const all: Found[] = [];
  const allowed = timing ? FOUND_MS : SLOW_FOUND_MS;
  // Each link with two nodes of its own: most of the time is spent waiting for faults to be found.
  const runs = LINKS.map(async (link, i) => {
    const random = new Random(seed + i);
    const joined = await Joined.start({
      random,
      relays: link === 'direct' ? 0 : 1,
      direct: link === 'direct',
    });
    try {
      for (let turn = 1; turn <= count; turn++) {
        for (const fault of faultsOf(link, random)) {
          const what = `${link}, ${fault}, round ${turn}`;
          log(`F4: ${what} of ${count}`);
          await sleep(random.int(0, 200));
          try {
            const one = await bring(joined, link, fault);
            all.push(one);
            log(`F4: ${what}: found after ${round(one.found, 0)} ms, whole after ${round(one.whole, 0)} ms`);
            if (one.found > allowed) failures.add(`${what}: found after ${Math.round(one.found)} ms`);
          } catch (error) {
            failures.add(`${what}: ${(error as Error).message}`);
          }
          const problems = joined.problems();
          failures.add(...problems.map((problem) => `${what}: ${problem}`));
          if (problems.length > 0 || failures.list.length > 5) return;
        }
      }
    } finally {
      await joined.end();
    }
  });
  const broken = (await Promise.allSettled(runs)).filter((run) => run.status === 'rejected');
  failures.add(...broken.map(({ reason }) => `it broke off: ${(reason as Error).message}`));
  return { id: 'F4', runs: all.length, failures: failures.all, seed, figures: figuresOf(all), skipped: [] };
};

/** A unix socket alters no bits; it is not encrypted either. */
function faultsOf(link: Link, random: Random): LinkFault[] {
  const possible = LINK_FAULTS.filter((fault) => fault !== 'flip' || link !== 'cli-node');
  return possible
    .map((fault) => ({ fault, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ fault }) => fault);
}

async function bring(joined: Joined, link: Link, fault: LinkFault): Promise<Found> {
  const { attached } = joined;
  const faulty = joined.links.get(link) as FaultyLink;
  attached.type();
  const began = performance.now();
  faulty.bring(fault);
  attached.type();
  const due = (await joined.counted()) + 1;
  const goesOn = attached.until(due);
  let foundAt: number | undefined;
  void goesOn.then((at) => {
    foundAt ??= at;
  });
  await until(
    'the fault is found',
    () => {
      if (attached.cutAt > began) foundAt ??= attached.cutAt;
      return foundAt !== undefined;
    },
    SLOW_FOUND_MS,
  );
  // Slowness is no death.
  if (fault === 'delay') await sleep(DELAY_MS);
  attached.type();
  const healed = performance.now();
  faulty.heal();
  await joined.whole(WHOLE_MS);
  attached.type();
  await joined.whole(WHOLE_MS);
  return { link, fault, found: (foundAt ?? healed) - began, whole: performance.now() - healed };
}

function figuresOf(all: readonly Found[]): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const link of LINKS) {
    const of = all.filter((one) => one.link === link);
    const name = link.replace('-', '_');
    figures[`${name}_found_max_ms`] = round(Math.max(0, ...of.map(({ found }) => found)), 0);
    figures[`${name}_whole_p50_ms`] = round(
      percentile(
        of.map(({ whole }) => whole),
        50,
      ),
      0,
    );
    figures[`${name}_whole_max_ms`] = round(Math.max(0, ...of.map(({ whole }) => whole)), 0);
  }
  return figures;
}
