/** Whom an event's "owner" is, for the reader: on another machine it is not they. */
import { beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => vi.resetModules());

const fresh = async () => ({ ...(await import('./owner.ts')), ...(await import('../agents/who-text.ts')) });
const owner = { kind: 'owner', via: 'local' };

test('at home it is you', async () => {
  const { askedOf, whoText } = await fresh();
  expect(whoText(owner)).toBe('you');
  askedOf(undefined);
  // Another machine besides, as for all approvals: what is told first is of this one.
  askedOf('vm');
  expect(whoText(owner)).toBe('you');
});

test('on another machine it is its owner', async () => {
  const { askedOf, whoText } = await fresh();
  askedOf('vm');
  expect(whoText(owner)).toBe('its owner');
  expect(whoText({ kind: 'member', name: 'ann' })).toBe('ann');
});
