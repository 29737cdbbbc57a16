/** The index of claims against looking through all of them: whatever came and went before (rule W1). */
import { type Keyed, keyed, without, withValue } from '@skein/protocol/keyed';
import type { Holder } from '@skein/protocol/workspaces/holder';
import { foldPattern, overlaps, type Pattern, parsePattern } from '@skein/protocol/workspaces/patterns';
import { emptyWorkspace } from '@skein/protocol/workspaces/reduce';
import type { Claim } from '@skein/protocol/workspaces/state';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClaimIndex } from './claim-index.ts';
import { Trie } from './trie.ts';

const name = fc.constantFrom(
  'a',
  'b',
  'ab',
  'A',
  'É',
  'e\u0301',
  '*',
  'a*',
  '*b',
  'a*b',
  'b*a*',
  '*a*',
  '*É',
);
const glob = fc
  .tuple(fc.array(name, { maxLength: 3 }), fc.boolean())
  .map(([names, below]) => [...names, ...(below ? ['**'] : [])].join('/'))
  .filter((text) => text !== '');

test('[W1] what the trie finds is what overlaps, whatever was added and removed', () => {
  const change = fc.tuple(glob, fc.boolean());
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), glob, (changes, asked) => {
      const trie = new Trie<string>();
      const there = new Set<string>();
      for (const [text, adds] of changes) {
        if (adds && !there.has(text)) trie.add(parsePattern(text), text);
        if (!adds && there.has(text)) trie.remove(parsePattern(text), text);
        if (adds) there.add(text);
        else there.delete(text);
      }
      const found: string[] = [];
      trie.overlapping(parsePattern(asked), (one) => found.push(one));
      const wanted = [...there].filter((one) => overlaps(parsePattern(one), parsePattern(asked)));
      expect(found.sort()).toEqual(wanted.sort());
      for (const text of there) trie.remove(parsePattern(text), text);
      trie.overlapping({ segments: [], below: true }, () => expect.fail('something is left'));
    }),
    { numRuns: 1_000 },
  );
});

const holder: Holder = { kind: 'person', member: null, name: 'me' };
const claimOf = (claim: string, globs: string[], fence: number): Claim => ({
  ...{ claim, globs, holder, fence, lease: 1, implicit: false, n: 0 },
  ...{ at: 0, by: null },
});

test('[W1] the index of a state is the same from whichever state it comes, on disks that fold names too', () => {
  const folds = fc.record({ case: fc.boolean(), unicode: fc.boolean() });
  const states = fc.array(fc.tuple(fc.array(glob, { minLength: 1, maxLength: 8 }), folds), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(states, glob, (all, asked) => {
      const index = new ClaimIndex();
      let claims: Keyed<Claim> = keyed([]);
      let fence = 0;
      for (const [globs, foldsNow] of all) {
        for (let n = 0; n < 8; n++) claims = without(claims, `c${n}`);
        for (const [n, text] of globs.entries()) {
          fence += 1;
          claims = withValue(claims, `c${n}`, claimOf(`c${n}`, [text], fence));
        }
        const state = { ...emptyWorkspace('w'), claims, folds: foldsNow };
        const folded = (text: string): Pattern => foldPattern(parsePattern(text), foldsNow);
        const wanted = globs.filter((text) => overlaps(folded(text), folded(asked)));
        const found = [...index.at(state).overlapping([parsePattern(asked)])];
        const told = found.map((entry) => (entry.kind === 'claim' ? entry.claim.globs[0] : ''));
        expect(told.sort()).toEqual(wanted.sort());
      }
    }),
    { numRuns: 500 },
  );
});
