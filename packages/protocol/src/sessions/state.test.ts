/** The projections of sessions (rules L5, L7): pure, and unmoved by events that a later release may bring. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pack, unpack } from '../codec.ts';
import type { StoredEvent } from './events.ts';
import { emptyNode, migrateNode, NODE_REDUCER, reduceNode, sessionIn, sessionsIn } from './node-state.ts';
import { emptySession, reduceSession } from './state.ts';

let clock = 1;
function event(type: string, body: unknown): StoredEvent {
  return { type, at: clock++, by: null, body };
}

const life = [
  event('session.created', { id: 's', name: 'n', argv: ['sh'], cwd: '/' }),
  event('run.requested', { run: 'r', argv: ['sh'], cwd: '/', cols: 80, rows: 24 }),
  event('run.started', { run: 'r', host: 'h', pid: 7, start: 't' }),
  event('session.renamed', { name: 'm' }),
  event('run.exited', { run: 'r', code: 3, signal: null, bytes: 9 }),
];

describe('session', () => {
  test('[L5] the life of a program is told by its events alone', () => {
    const state = life.reduce(reduceSession, emptySession('s'));
    expect(state).toMatchObject({
      id: 's',
      name: 'm',
      removed: false,
      run: { run: 'r', state: 'exited', code: 3, pid: 7, bytes: 9 },
    });
  });

  test('[L5] stopping at any event, storing the state and going on gives the same bytes', () => {
    for (let cut = 0; cut <= life.length; cut++) {
      const before = life.slice(0, cut).reduce(reduceSession, emptySession('s'));
      const stored = unpack(pack(before)) as typeof before;
      expect(pack(life.slice(cut).reduce(reduceSession, stored))).toEqual(
        pack(life.reduce(reduceSession, emptySession('s'))),
      );
    }
  });

  test('[L7] an unknown event changes nothing, wherever it stands', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: life.length }), fc.string(), fc.jsonValue(), (at, type, body) => {
        const strange = event(`later.${type}`, body);
        const events = [...life.slice(0, at), strange, ...life.slice(at)];
        expect(events.reduce(reduceSession, emptySession('s'))).toEqual(
          life.reduce(reduceSession, emptySession('s')),
        );
        expect(reduceNode(emptyNode(), strange)).toEqual(emptyNode());
      }),
    );
  });

  test('[H4] news of another run does not touch the present one', () => {
    const state = life.slice(0, 3).reduce(reduceSession, emptySession('s'));
    expect(
      reduceSession(state, event('run.exited', { run: 'older', code: 1, signal: null, bytes: 0 }), 4),
    ).toEqual(state);
  });
});

describe('node index', () => {
  test('[L5] sessions come, change and go', () => {
    const events = [
      event('session.added', { id: 'a', name: 'x', argv: ['sh'] }),
      event('session.added', { id: 'b', name: 'y', argv: ['sh'] }),
      event('session.changed', { id: 'a', state: 'running', run: 'r' }),
      event('session.renamed', { id: 'a', name: 'z' }),
      event('session.removed', { id: 'b' }),
      event('session.changed', { id: 'gone', state: 'lost', run: 'q' }),
    ];
    const state = events.reduce(reduceNode, emptyNode());
    expect(sessionsIn(state).map(({ id }) => id)).toEqual(['a']);
    expect(sessionIn(state, 'a')).toMatchObject({ name: 'z', state: 'running', run: 'r' });
  });

  test('[L5] an index of an earlier reducer becomes what its events make today, to the byte', () => {
    const added = Array.from({ length: 100 }, (_, n) =>
      event('session.added', { id: `s${n}`, name: `n${n}`, argv: ['sh'] }),
    );
    const state = added.reduce(reduceNode, emptyNode());
    for (const version of [1, 2, 3]) {
      const before = sessionsIn(state).map((listed) => {
        const { devices, agents, ...rest } = listed;
        return [listed.id, version === 1 ? rest : version === 2 ? { ...rest, devices } : listed];
      });
      const migrated = migrateNode({ sessions: Object.fromEntries(before) }, version);
      expect(sessionsIn(migrated as typeof state)).toEqual(sessionsIn(state));
      expect(pack(migrated)).toEqual(pack(state));
    }
    expect(migrateNode(state, 5)).toEqual(state);
    expect(migrateNode(state, NODE_REDUCER)).toBeUndefined();
  });
});
