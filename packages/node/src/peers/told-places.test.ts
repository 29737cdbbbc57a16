/** What known nodes say of themselves is kept, and is no way to fill the log (rules M5, C5). */
import { afterEach, expect, test } from 'vitest';
import { ToldPlaces } from './told-places.ts';

const at = (addr: string) => ({ addrs: [addr], relays: [] });
const kept: string[] = [];
let stored = '';
const places = new ToldPlaces({
  isNews: (_, { addrs }) => addrs[0] !== stored,
  keep: (peer, { addrs }) => {
    stored = addrs[0] ?? '';
    kept.push(`${peer} ${stored}`);
  },
});
afterEach(() => {
  places.stop();
  kept.length = 0;
  stored = '';
});

const MINUTE = 60_000;

test('[C5] one that says every second that it is elsewhere is kept a few times an hour, the last of it in the end', () => {
  for (let ms = 0; ms < 60 * MINUTE; ms += 1_000) places.tell('a', at(`${ms}`), ms);
  expect(kept.length).toBeGreaterThanOrEqual(4 + 5);
  expect(kept.length).toBeLessThanOrEqual(4 + 6);
  places.look(71 * MINUTE);
  expect(kept.at(-1)).toBe('a 3599000');
  // One that comes seldom is not held up by it.
  places.tell('b', at('there'), 60 * MINUTE);
  expect(kept.at(-1)).toBe('b there');
});

test('[M5] what is known already costs nothing, and takes the place of what waits', () => {
  for (const addr of ['1', '2', '3', '4']) for (let n = 0; n < 10; n++) places.tell('a', at(addr), 0);
  expect(kept).toEqual(['a 1', 'a 2', 'a 3', 'a 4']);
  places.tell('a', at('5'), 0);
  places.tell('a', at('4'), 0);
  places.look(11 * MINUTE);
  expect(kept.at(-1)).toBe('a 4');
  expect(stored).toBe('4');
});
