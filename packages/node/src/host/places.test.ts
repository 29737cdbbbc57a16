/** Places among a run's viewers: one who reads takes few, and never the owner's (rule H1). */

import { LOCAL } from '@skein/protocol/host/local';
import { expect, test } from 'vitest';
import { checkPlace } from './places.ts';
import type { Right } from './rights.ts';

/** Lets in as many as may come, and says how many that are. */
function fill(viewers: Set<{ who: string }>, right: Pick<Right, 'who' | 'role'>): number {
  const before = viewers.size;
  try {
    for (let tries = 0; tries < 1000; tries++) {
      checkPlace(viewers, right);
      viewers.add({ who: right.who });
    }
  } catch (refused) {
    expect(refused).toMatchObject({ code: 'mailbox_full' });
  }
  return viewers.size - before;
}

test('[H1] one who reads takes few of the places of others', () => {
  const viewers = new Set<{ who: string }>();
  expect(fill(viewers, { who: 'one', role: 'read' })).toBe(64);
  expect(fill(viewers, { who: 'another', role: 'read' })).toBe(64);
  expect(fill(viewers, { who: 'a typist', role: 'write' })).toBe(64);
});

test("[H1] however many read, there are places for who may type, and for the machine's own user", () => {
  const viewers = new Set<{ who: string }>();
  for (let i = 0; i < 20; i++) fill(viewers, { who: `reader ${i}`, role: 'read' });
  expect(viewers.size).toBe(448);
  expect(fill(viewers, { who: 'a typist', role: 'write' })).toBeGreaterThan(0);
  viewers.delete([...viewers].find(({ who }) => who === 'a typist') ?? { who: '' });
  expect(fill(viewers, { who: LOCAL, role: 'read' })).toBeGreaterThan(0);
  expect(viewers.size).toBe(512);
});
