/** The wheel against a plain list: everything ends once, not before its time, and soon after (rule R4). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bucket, type Held } from './bucket.ts';
import { TICK_MS, type Timed, Wheel } from './wheel.ts';

/** A wheel that a test turns. */
function still(): Wheel {
  const wheel = new Wheel();
  wheel.advance(0);
  return wheel;
}

class Item implements Timed {
  due: number;
  ended: number | undefined;
  constructor(due: number) {
    this.due = due;
  }
  expire(now: number): void {
    expect(this.ended).toBeUndefined();
    expect(now).toBeGreaterThanOrEqual(this.due);
    this.ended = now;
  }
}

type Act =
  | { kind: 'add'; in: number }
  | { kind: 'delay'; which: number; by: number }
  | { kind: 'hasten'; which: number; in: number }
  | { kind: 'delete'; which: number }
  | { kind: 'turn'; by: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), in: fc.nat(200_000) }),
  fc.record({ kind: fc.constant('delay' as const), which: fc.nat(), by: fc.nat(100_000) }),
  fc.record({ kind: fc.constant('hasten' as const), which: fc.nat(), in: fc.nat(2_000) }),
  fc.record({ kind: fc.constant('delete' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('turn' as const), by: fc.oneof(fc.nat(3_000), fc.nat(300_000)) }),
);

describe('the wheel', () => {
  test('[R4] ends everything once, and no later than two looks after its deadline', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const wheel = still();
        let now = 0;
        const live = new Set<Item>();
        const pick = (which: number) => [...live][which % Math.max(1, live.size)];
        const turn = (by: number) => {
          // In looks as the timer makes them, with a long pause first.
          for (const end = now + by; now < end; ) {
            now = Math.min(end, now + TICK_MS);
            wheel.advance(now);
          }
          for (const item of [...live]) {
            if (item.ended !== undefined) live.delete(item);
            else expect(item.due).toBeGreaterThan(now - 2 * TICK_MS);
          }
        };
        for (const step of acts) {
          if (step.kind === 'turn') turn(step.by);
          else if (step.kind === 'add') {
            const item = new Item(now + step.in);
            live.add(item);
            wheel.add(item);
          } else {
            const item = pick(step.which);
            if (item === undefined) continue;
            if (step.kind === 'delay') item.due += step.by;
            else if (step.kind === 'hasten') {
              item.due = now + step.in;
              wheel.add(item);
            } else {
              wheel.delete(item);
              live.delete(item);
            }
          }
        }
        turn(600_000);
        expect(live.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('[R4] after a long pause ends all that was due meanwhile', () => {
    const wheel = still();
    const items = Array.from({ length: 500 }, (_, i) => new Item(i * 200));
    for (const item of items) wheel.add(item);
    wheel.advance(3_600_000);
    expect(items.every((item) => item.ended === 3_600_000)).toBe(true);
  });

  test('[R4] lets what ends take away others of its slot', () => {
    const wheel = still();
    const second = new Item(100);
    const first: Timed = { due: 100, expire: () => wheel.delete(second) };
    wheel.add(first);
    wheel.add(second);
    wheel.advance(1_000);
    expect(second.ended).toBeUndefined();
  });
});

describe('a bucket', () => {
  test('[R3] lets no more pass than its rate and a second’s worth, and forgets nobody who waits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 1_000_000 }),
        fc.array(fc.nat(65_536), { minLength: 1 }),
        (rate, chunks) => {
          const wheel = still();
          const bucket = new Bucket(wheel, rate);
          let held = 0;
          const flow: Held = {
            hold: () => {
              held++;
            },
            release: () => {
              held--;
            },
          };
          let passed = 0;
          let now = 0;
          for (const chunk of chunks) {
            for (let looks = 0; held > 0; looks++) {
              expect(looks).toBeLessThan(1_000);
              now += TICK_MS;
              wheel.advance(now);
            }
            // A chunk may overdraw what there is, and only the last one.
            expect(passed).toBeLessThanOrEqual(rate + (now / 1000) * rate);
            bucket.charge(chunk, flow);
            passed += chunk;
            expect([0, 1]).toContain(held);
          }
        },
      ),
    );
  });
});
