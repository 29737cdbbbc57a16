/** What is said of names and ids follows from the index alone, whatever was asked about before (rules K3, L5). */
import { pairsOf } from '@skein/protocol/keyed';
import { emptyNode, type NodeState, reduceNode, sessionsIn } from '@skein/protocol/sessions/node-state';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { called, having } from './lookup.ts';

/** Few of each, so that they meet. */
const id = fc.nat(40).map((n) => `session-${n}`);
const word = fc.constantFrom('a', 'b', 'c', '__proto__');
const at = fc.nat(3);

const event = fc.oneof(
  fc.record({ type: fc.constant('session.added'), at, body: fc.record({ id, name: word }) }),
  fc.record({ type: fc.constant('session.renamed'), at, body: fc.record({ id, name: word }) }),
  fc.record({ type: fc.constant('session.changed'), at, body: fc.record({ id, run: word }) }),
  fc.record({
    type: fc.constant('session.agents'),
    at,
    body: fc.record({ id, agents: fc.array(fc.record({ agent: word, run: word }), { maxLength: 2 }) }),
  }),
  fc.record({ type: fc.constant('session.removed'), at, body: fc.record({ id }) }),
);

function expectTrue(state: NodeState): void {
  const all = Array.from(pairsOf(state.sessions), ([, one]) => one);
  const sorted = [...all].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  expect(sessionsIn(state)).toEqual(sorted);
  for (const wanted of ['a', 'b', 'c', '__proto__', 'nobody']) {
    const ids = (found: typeof all) => found.map((one) => one.id).sort();
    expect([...called(state, wanted)].sort()).toEqual(ids(all.filter(({ name }) => name === wanted)));
    const has = ({ run, agents }: (typeof all)[number]) =>
      run === wanted || agents.some((one) => one.agent === wanted || one.run === wanted);
    expect([...having(state, wanted)].sort()).toEqual(ids(all.filter(has)));
  }
}

test('[K3] [L5] lists and look-ups are those of the index that is asked about, forwards, backwards and by leaps', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120, size: 'max' }), fc.array(fc.nat(120)), (events, leaps) => {
      const states = [emptyNode()];
      for (const one of events)
        states.push(reduceNode(states.at(-1) as NodeState, { by: null, ...one, body: { ...one.body } }));
      for (const state of states) expectTrue(state);
      // As after a transaction that failed, when what was decided is forgotten.
      for (const leap of leaps) expectTrue(states[leap % states.length] as NodeState);
    }),
    { numRuns: 60 },
  );
});
