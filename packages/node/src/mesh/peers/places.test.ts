/** What a peer says of itself counts at once, but not as often as it likes. */
import { expect, test } from 'vitest';
import { Places } from './places.ts';

const at = (addr: string) => ({ addrs: [addr], relays: [] });

test('[C5] a peer that says every moment that it is elsewhere sends nobody about', () => {
  const places = new Places();
  places.give(at('given'));
  let counted = 0;
  for (let ms = 0; ms < 60_000; ms += 10) if (places.tell(at(`${ms}`), ms)) counted++;
  expect(counted).toBeLessThanOrEqual(4 + 12);
  expect(counted).toBeGreaterThanOrEqual(4 + 11);
  // The last of what it said holds in the end.
  expect(places.due(70_000)).toBe(true);
  expect(places.all.addrs).toEqual(['59990', 'given']);
  expect(places.due(80_000)).toBe(false);
});

test('[M5] what it says now and then counts at once', () => {
  const places = new Places();
  for (let n = 0; n < 20; n++) {
    expect(places.tell(at(`${n}`), n * 5_000)).toBe(true);
    expect(places.all.addrs).toEqual([`${n}`]);
  }
});
