/** When a relay is tried again, and which refusals are believed (rule C4). */
import { expect, test } from 'vitest';
import { isDoubtful, retryIn } from './retry.ts';

test('[C4] a refusal is believed at once by whoever was never admitted, and after a few by others', () => {
  for (const code of ['bad_frame', 'signature_invalid', 'not_admitted'] as const) {
    expect(isDoubtful(code, false, 0)).toBe(false);
    expect(isDoubtful(code, true, 0)).toBe(true);
    expect(isDoubtful(code, true, 3)).toBe(false);
  }
  // Neither another relay's proof nor another of the same key is damage; what passes by itself needs no doubt.
  for (const code of ['relay_changed', 'replaced', 'identity_unsafe', 'peer_lost'] as const)
    expect(isDoubtful(code, true, 0)).toBe(false);
});

test('[C4] a broken connection is tried again at once, a refusal only later', () => {
  expect(retryIn(0, true, 'peer_lost')).toBe(0);
  expect(retryIn(1, true, 'peer_lost')).toBeLessThanOrEqual(750);
  expect(retryIn(0, true, 'bad_frame')).toBe(5_000);
  expect(retryIn(0, false, 'bad_frame')).toBeGreaterThanOrEqual(7_500);
});
