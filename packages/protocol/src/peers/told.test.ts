/** What another node tells is taken only as far as it makes sense, and has no end that this node must wait for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SkeinError } from '../errors.ts';
import { listedByFar, redeemedByFar } from './told.ts';

const SOUND = {
  id: 'abcdefghijkl',
  name: 'api',
  state: 'running',
  attached: 1,
  created: 1,
  size: { cols: 80, rows: 24 },
  argv: ['bash', '-i'],
  role: 'viewer',
};
const REPLY = {
  session: 'abcdefghijkl',
  name: 'api',
  member: 'abcdefghijkm',
  as: 'alice',
  role: 'viewer',
  history: 'all',
  device: '12D3',
};

test('[K5] a listing keeps what makes sense of it', () => {
  const odd = [
    null,
    'x',
    { ...SOUND, name: 'a\x1b[2J' },
    { ...SOUND, id: '__proto__' },
    { ...SOUND, state: 'unheard-of' },
    { ...SOUND, attached: -1 },
    { ...SOUND, size: { cols: 1e9, rows: 1 } },
    { ...SOUND, argv: [1] },
  ];
  expect(listedByFar([...odd, SOUND])).toEqual([SOUND]);
  for (const told of [undefined, null, {}, 'x', 7]) expect(() => listedByFar(told)).toThrow(SkeinError);
});

test('[C5] however long a listing is, what is kept of it is short', () => {
  const long = { ...SOUND, argv: Array.from({ length: 1_000 }, () => 'x'.repeat(1_000)) };
  const kept = listedByFar(Array.from({ length: 50_000 }, () => long));
  expect(kept.length).toBeGreaterThan(50);
  expect(JSON.stringify(kept).length).toBeLessThan(140 * 1024);
  expect(kept[0]?.argv.join(' ').length).toBeLessThanOrEqual(1_000);
});

test('[K5] a reply to a ticket is whole or refused', () => {
  expect(redeemedByFar(REPLY)).toEqual(REPLY);
  const other = fc.anything().filter((value) => typeof value !== 'string');
  const odd = fc.oneof(other, fc.constantFrom('a\x1b]0;x\x07', 'a\u202eb', '', 'x'.repeat(65)));
  const field = fc.constantFrom('session', 'name', 'member', 'as', 'role', 'history');
  fc.assert(
    fc.property(field, odd, (name, value) => {
      expect(() => redeemedByFar({ ...REPLY, [name]: value })).toThrow(SkeinError);
    }),
  );
  for (const name of ['session', 'member', 'role', 'history'])
    expect(() => redeemedByFar({ ...REPLY, [name]: '__proto__' })).toThrow(SkeinError);
});
