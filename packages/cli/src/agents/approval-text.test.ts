/** Ids of approvals as people read and type them, and what is asked (rule A5). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askedText, isMeant, shortId, toolTitle } from './approval-text.ts';

const id = fc.tuple(fc.stringMatching(/^[a-z2-7]{12}$/), fc.nat(99)).map(([run, n]) => `${run}.a${n}`);

test('[A5] a short id means the one that it is short for, and no other that waits', () => {
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 30 }), (all) => {
      for (const one of all)
        expect(all.filter((other) => isMeant(other, shortId(one, undefined, all)))).toEqual([one]);
    }),
  );
});

test('another node stands before it', () => {
  expect(shortId('abcdefghijkl.a2', 'laptop')).toBe('laptop:abcd.a2');
  expect(shortId('strange')).toBe('strange');
  expect(isMeant('abcdefghijkl.a2', 'abcdefghijkl.a')).toBe(true);
  expect(isMeant('abcdefghijkl.a2', 'abcd.a')).toBe(false);
  expect(isMeant('abcdefghijkl.a12', 'abcd.a1')).toBe(false);
});

test('a question says what is to be done with what, once', () => {
  const asked = {
    name: 'Write',
    kind: 'edit',
    title: '/w/a.txt',
    paths: ['/w/a.txt'],
    reason: 'a.txt',
  } as const;
  expect(askedText('claude', { ...asked, paths: [...asked.paths] }, 'abcd.a1')).toBe(
    'claude asks: Write /w/a.txt\n  skein approve abcd.a1  ·  skein deny abcd.a1',
  );
  const command = { json: { command: 'rm -rf build' } };
  const run = { name: 'Bash', kind: 'execute', title: 'Clean up', paths: [], input: command } as const;
  expect(askedText('codex', { ...run, paths: [] }, 'x.a1')).toContain('asks: Clean up\n  rm -rf build\n');
  expect(toolTitle({ name: 'mcp__thing__do', title: 'Do it', kind: 'other' })).toBe('Do it');
});
