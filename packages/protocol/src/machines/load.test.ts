/** What another node tells of its load is checked before it is believed (rules U3, C5). */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadedByFar, MAX_LOAD, type NodeLoad, within } from './load.ts';

function told(names: readonly string[]): NodeLoad {
  const sessions = names.map((name) => ({
    ...{ id: 'aaaaaaaaaaaa', name, state: 'running' as const, created: 1, role: 'owner' as const },
    ...{ terminal: { command: 'x'.repeat(200), since: null, use: null }, attached: [], agents: [] },
  }));
  return { peer: 'p', node: 'n', now: 1, sessions, more: 0, ended: 0 };
}

test('[U3] whatever a node says is either a load or refused as none, and never too much', () => {
  const sane = fc
    .array(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), { maxLength: 1_000 })
    .map((names) => told(names));
  const odd = fc.object({ maxDepth: 3 });
  fc.assert(
    fc.property(fc.oneof(sane, odd, fc.anything()), (here) => {
      try {
        const load = loadedByFar({ here });
        expect(JSON.stringify(load).length).toBeLessThan(MAX_LOAD + 4_096);
        expect(load.sessions.length + load.more).toBe((here as NodeLoad).sessions.length);
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad_frame' });
      }
    }),
    { numRuns: 200 },
  );
});

test('[U3] one wrong figure makes all of it wrong: nothing is shown that was made up', () => {
  const load = told(['api']);
  for (const wrong of [{ cpu: Number.NaN }, { cpu: -1 }, { memory: 1.5 }, { processes: 'many' }]) {
    const use = { cpu: 0, memory: 0, processes: 0, ...wrong };
    const [one] = load.sessions;
    const sessions = [{ ...one, terminal: { ...one?.terminal, use } }];
    expect(() => loadedByFar({ here: { ...load, sessions } })).toThrowError(
      expect.objectContaining({ code: 'bad_frame' }),
    );
  }
  expect(loadedByFar({ here: load })).toEqual(load);
});

test('[U3] what has no room is counted', () => {
  const load = told(['a', 'b', 'c', 'd']);
  const one = JSON.stringify(load.sessions[0]).length + 1;
  expect(within(load, 2 * one)).toMatchObject({ sessions: [{ name: 'a' }, { name: 'b' }], more: 2 });
  expect(within(load, 0)).toMatchObject({ sessions: [], more: 4 });
});
