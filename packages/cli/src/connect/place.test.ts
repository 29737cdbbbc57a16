/** References of this machine and others (rule M4), and the line that is shown while a node is away. */
import { describe, expect, test } from 'vitest';
import { lineOf } from '../attach/status-line.ts';
import { parseDuration } from '../invocation/call.ts';
import { byNode, placeOf } from './place.ts';

describe('[M4] a reference', () => {
  test('names a node before its first colon, or this one', () => {
    expect(placeOf('api')).toEqual({ node: undefined, ref: 'api' });
    expect(placeOf('laptop:api')).toEqual({ node: 'laptop', ref: 'api' });
    expect(placeOf('laptop:')).toEqual({ node: 'laptop', ref: '' });
    expect([...byNode(['a', 'x:b', 'c', 'x:d'])]).toEqual([
      [undefined, ['a', 'c']],
      ['x', ['b', 'd']],
    ]);
  });

  test('a cut tells first what matters most', () => {
    const told = { name: 'x:api', seconds: 3, kept: 0, refused: false, leave: 'C-\\ d', why: 'It sleeps.' };
    expect(lineOf(told)).toBe(' x:api: cut off for 3 s, trying again · C-\\ d leaves · It sleeps. ');
    expect(lineOf({ ...told, kept: 4, why: '' })).toContain('· 4 bytes typed wait ·');
    expect(lineOf({ ...told, kept: 4, refused: true })).toContain('4 bytes typed wait, no more are taken');
  });

  test('a time is a number and a unit', () => {
    const all = ['30s', '15m', '1h', '7d'].map((text) => parseDuration('expires', text));
    expect(all).toEqual([30_000, 900_000, 3_600_000, 604_800_000]);
    for (const wrong of ['', '1', 'h', '-1h', '1w', '1.5h'])
      expect(() => parseDuration('expires', wrong)).toThrow(/30s, 15m, 1h or 7d/);
  });
});
