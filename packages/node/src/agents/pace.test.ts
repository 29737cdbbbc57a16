/** What streams is gathered; what floods is taken for half of the time (rule C2). */
import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('[C2] a trickle waits for company, a flood for as long as its last part has taken, and never longer', () => {
  let now = 0;
  const pace = new Pace(() => now);
  const make = (ms: number) => {
    pace.begin();
    now += ms;
    pace.made();
    // The disk takes its time, in which others are served.
    now += 100;
    pace.over();
  };
  expect(pace.wait(false)).toBe(0);
  make(3);
  expect([pace.wait(false), pace.wait(true)]).toEqual([16, 3]);
  now += 2;
  expect([pace.wait(false), pace.wait(true)]).toEqual([14, 1]);
  now += 20;
  expect([pace.wait(false), pace.wait(true)]).toEqual([0, 0]);
  make(50);
  expect(pace.wait(true)).toBe(16);
});
