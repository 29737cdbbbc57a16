/** Sessions that are called as others of the same file were (rule B1). */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planUp } from './plan.ts';
import type { Present } from './present.ts';
import { wantedOf } from './wanted.ts';

const PARTS = ['one', 'two', 'three', 'four'];
const OPTIONS = { restart: false, prune: false };

/** A file in which each session is called so. */
const file = (names: readonly string[]) =>
  wantedOf(
    {
      name: 'shop',
      sessions: Object.fromEntries(PARTS.map((part, i) => [part, { name: names[i] ?? '', terminal: 'x' }])),
    },
    '/base',
  );

function there(names: readonly string[]): Present {
  const { sessions } = file(names);
  return {
    ...{ workspaces: [], policies: {}, machines: {} },
    sessions: PARTS.map((part, i) => {
      const label = { project: 'shop', part, fields: sessions[part]?.fields ?? {} };
      const rest = { terminal: 'running' as const, agents: [], members: [], tasks: [], slots: 4 };
      return { id: `id${i}`, name: names[i] ?? '', label, ...rest };
    }),
  };
}

test('[B1] names are given in an order in which each is free, also where they are exchanged', () => {
  const some = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e'], { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(some, some, (before, now) => {
      const names = new Map(before.map((name, i) => [`id${i}`, name]));
      for (const action of planUp(file(now), there(before), OPTIONS).actions) {
        if (action.do !== 'session.rename') throw new Error(action.do);
        expect([...names.values()]).not.toContain(action.name);
        names.set(action.id, action.name);
      }
      expect([...names.values()]).toEqual(now);
    }),
  );
});
