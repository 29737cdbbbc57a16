/** Events as lines. */
import { WITHHELD } from '@skein/protocol/sessions/events';
import { NONE } from '@skein/protocol/text/paint';
import { expect, test } from 'vitest';
import { lineOf } from './line.ts';

const at = Date.UTC(2026, 0, 2, 3, 4, 5);
const alice = { kind: 'member', member: 'm', name: 'alice', device: '12D3KooW' };

test('an event is told with who caused it, by the name that people know', () => {
  const event = { offset: 7, at, type: 'member.role', by: { kind: 'owner', via: 'local' } };
  expect(lineOf({ ...event, body: { member: 'm', role: 'viewer' } }, NONE)).toBe(
    '     7  2026-01-02 03:04:05.000  member.role  member=m role=viewer  by you',
  );
  expect(lineOf({ ...event, by: { kind: 'node' }, body: { by: alice, offset: 3 } }, NONE)).toMatch(
    / by=alice offset=3 *$/,
  );
});

test('[M2] of an event that is withheld nothing is told but that it is there', () => {
  const event = { offset: 1, at: 0, type: WITHHELD, by: null, body: { hash: 'ab'.repeat(32) } };
  expect(lineOf(event, NONE)).toBe('     1  not for you to see');
});

test('nothing in an event moves the cursor', () => {
  const event = { offset: 1, at, type: 'x', by: { ...alice, name: '\x1b[2J' }, body: { a: '\x1b]0;t\x07' } };
  expect(lineOf(event, NONE)).not.toMatch(/[\x00-\x1f]/);
});
