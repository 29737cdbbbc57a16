/** Choosing among what an agent offers; and counts as people read them. */
import { NONE } from '@skein/protocol/text/paint';
import { expect, test } from 'vitest';
import { choiceMeant, offerText } from './choose.ts';
import { costText, countText } from './numbers.ts';
import { imageType } from './parts.ts';

const LIST = [
  { id: 'default', name: 'Ask before changes' },
  { id: 'plan', name: 'Plan only', description: 'reads\x07 and thinks' },
  { id: 'bypass', name: 'Never ask' },
];

test('a choice is meant by its id, its name, or the beginning of either', () => {
  expect(['plan', 'Plan Only', 'pl', 'never'].map((word) => choiceMeant('mode', LIST, word))).toEqual([
    'plan',
    'plan',
    'plan',
    'bypass',
  ]);
  expect(() => choiceMeant('mode', LIST, 'x')).toThrow(/There are: default, plan, bypass/);
  expect(() => choiceMeant('mode', [...LIST, { id: 'planner', name: 'P' }], 'pla')).toThrow(/any of/);
  // Where nothing is offered the agent decides.
  expect(choiceMeant('model', [], 'anything')).toBe('anything');
});

test('what is chosen is marked, also when it is none of those that are offered', () => {
  expect(offerText('claude', 'mode', { current: 'plan', list: LIST }, NONE)).toMatch(
    /^\* +plan .*reads\^G and thinks$/m,
  );
  expect(offerText('claude', 'mode', { current: 'other', list: LIST }, NONE)).toMatch(/^now: other$/m);
  expect(offerText('claude', 'mode', { current: null, list: [] }, NONE)).toBe('claude offers no modes.');
});

test('tokens and costs in few signs', () => {
  expect([0, 999, 1_000, 99_949, 999_499, 999_500, 12_345_678].map(countText)).toEqual([
    ...['0', '999', '1.0k', '99.9k', '999k', '1.0M', '12.3M'],
  ]);
  expect([{}, { USD: 0 }, { USD: 0.0123 }, { USD: 1.5, EUR: 2 }].map(costText)).toEqual([
    ...['-', '$0.00', '$0.0123', '$1.50 + 2.00 EUR'],
  ]);
});

test('a picture is known by its first bytes', () => {
  const type = (hex: string) => imageType(Buffer.from(hex, 'hex'));
  expect(type('89504e470d0a1a0a0000')).toBe('image/png');
  expect(type('ffd8ffe0')).toBe('image/jpeg');
  expect(type('4749463839610000')).toBe('image/gif');
  expect(type('524946460000000057454250')).toBe('image/webp');
  expect(type('3c737667')).toBe(undefined);
});
