/** When direct paths to a peer are left alone. */
import { expect, test } from 'vitest';
import type { Candidate } from './choice.ts';
import { bestOf, pursuitOf } from './choice.ts';
import { Distrust } from './distrust.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

test('[M5] direct paths that come about and carry nothing are left alone, for longer each time', () => {
  const distrust = new Distrust();
  let now = 0;
  const shunnedFor = () => {
    const began = now;
    distrust.broke(now);
    while (distrust.shuns(now)) now += SECOND;
    return now - began;
  };
  // One may be chance.
  const waits = Array.from({ length: 8 }, shunnedFor).map((ms) => ms / SECOND);
  expect(waits).toEqual([0, 30, 60, 120, 240, 480, 480, 480]);
  now += 20 * MINUTE;
  expect(shunnedFor()).toBe(0);
});

test('[M5] that comes to its end once, and with another network at once', () => {
  const distrust = new Distrust();
  for (const at of [0, 1]) distrust.broke(at);
  expect([distrust.shuns(2), distrust.isOver(3)]).toEqual([true, false]);
  expect(distrust.isOver(MINUTE)).toBe(true);
  expect([distrust.shuns(MINUTE), distrust.isOver(MINUTE)]).toEqual([false, false]);
  distrust.broke(MINUTE);
  distrust.forget();
  expect(distrust.shuns(MINUTE)).toBe(false);
});

test('[M5] meanwhile a relayed path is as good as it gets, and none at all is worse than a direct one', () => {
  const one = (kind: Candidate['kind'], suspect = false): Candidate => ({
    ...{ connection: { status: 'open' }, kind, in: new Set() },
    out: { suspect, greeted: true, tunnels: 1 },
  });
  const [direct, relayed, silent] = [one('direct'), one('relayed'), one('relayed', true)];
  expect(bestOf([direct, relayed], direct, true)).toBe(relayed);
  expect(bestOf([direct, relayed], direct)).toBe(direct);
  expect(bestOf([direct, silent], silent, true)).toBe(direct);
  expect(pursuitOf(true, relayed, relayed, 0, true)).toBe('off');
  expect(pursuitOf(true, silent, silent, 1, true)).toBe('hurried');
});
