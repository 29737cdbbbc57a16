/** Grants (rule X1): given, used up, lapsed, revoked, and what of another machine's they let in. */
import { MAX_GRANTS, MAX_HOSTED } from '@skein/protocol/machines/limits';
import { sessionsIn } from '@skein/protocol/sessions/node-state';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { grantsOf } from './grants.ts';
import { byHome, HOME, nextId, OTHER, refusal, Worker, wanted } from './hosted.fixture.ts';
import { usedUnder } from './place.ts';

let worker: Worker;
beforeEach(() => {
  worker = new Worker();
});

const give = (more: object, facts: unknown = { dirs: ['/w'] }) =>
  worker.give(
    'peers',
    'grant.give',
    { grant: nextId(), peer: HOME, agents: ['fake'], dirs: ['/w'], max: 1, ...more },
    undefined,
    facts,
  );

describe('[X1] a grant', () => {
  test('is for this machine alone to give, of directories that there are, within bounds', () => {
    expect(refusal(() => worker.give('peers', 'grant.give', {}, byHome))).toBe('not_allowed');
    expect(refusal(() => give({ dirs: ['/no'] }, { dirs: [null] }))).toBe('bad_cwd');
    for (const wrong of [
      { max: 0 },
      { max: 1_000 },
      { agents: [] },
      { agents: ['../x'] },
      { peer: 'x' },
      { term: 1 },
    ])
      expect(refusal(() => give(wrong))).toBe('bad_request');
    const before = worker.grant();
    worker.give('peers', 'peer.block', { peer: HOME, blocked: true });
    expect(worker.peers.grants).toEqual({});
    expect(worker.effects.map(({ effect }) => effect.id)).toContain(`end ${before.grant}`);
    expect(refusal(() => give({}))).toBe('not_allowed');
    worker.give('peers', 'peer.block', { peer: HOME, blocked: false });
    for (let i = 0; i < MAX_GRANTS; i++) give({});
    expect(refusal(() => give({}))).toBe('too_large');
  });

  test('keeps what a directory really is, not the link by which it was named', () => {
    expect(give({ dirs: ['/link', '/w'] }, { dirs: ['/w', '/w'] })).toMatchObject({ dirs: ['/w'] });
  });

  test('that is gone meanwhile admits nothing, though it was there when it was looked at', () => {
    const grant = worker.grant();
    worker.give('peers', 'grant.revoke', { grant: grant.grant });
    expect(refusal(() => worker.place(wanted(), [grant]))).toBe('not_granted');
    const late = worker.grant({ lifetime: 5_000 });
    worker.now += 5_000;
    expect(refusal(() => worker.place(wanted(), [late]))).toBe('not_granted');
    expect(grantsOf(worker.peers, HOME, worker.now)).toEqual([]);
    expect(worker.node.sessions).toEqual(new Worker().node.sessions);
  });

  test("lets its own node in, not one that knows its id, and not this machine's user in that one's name", () => {
    const grant = worker.grant();
    expect(refusal(() => worker.place(wanted(), [grant], { kind: 'device', device: OTHER }))).toBe(
      'not_granted',
    );
    const owner = { kind: 'owner', via: 'local' } as never;
    expect(refusal(() => worker.place(wanted(), [grant], owner))).toBe('bad_request');
  });

  test('leaves room for sessions to this machine’s user, however often its node stops one and places the next', () => {
    worker.grant({ max: 1 });
    for (let n = 0; n < MAX_HOSTED; n++) {
      const body = wanted();
      worker.place(body);
      worker.runs(body.id);
      worker.ends(body.id);
    }
    expect(refusal(() => worker.place(wanted()))).toBe('limit_reached');
    const [first] = sessionsIn(worker.node).map(({ id }) => id);
    worker.give('node', 'session.remove', { id: first, purge: false });
    expect(refusal(() => worker.place(wanted()))).toBeUndefined();
  });

  test('never starts what has the id of an agent or a run that is there', () => {
    worker.grant({ max: 10 });
    const first = wanted();
    worker.place(first);
    for (const same of [
      { agent: first.agent },
      { run: first.run },
      { agent: first.run },
      { run: first.agent },
    ])
      expect(refusal(() => worker.place(wanted(same)))).toBe('name_taken');
  });

  test('that lapses or is revoked ends what it admitted, once, and the rest goes on', () => {
    const [one, two] = [worker.grant(), worker.grant({ lifetime: 5_000 })];
    const ids = [one, two].map((grant) => {
      const body = wanted();
      worker.place(body, [grant]);
      worker.runs(body.id);
      return body.id;
    }) as [string, string];
    worker.tell('peers', 'grant.lapse', { grant: two.grant });
    expect(Object.keys(worker.peers.grants)).toHaveLength(2);
    worker.now += 5_000;
    worker.tell('peers', 'grant.lapse', { grant: two.grant });
    worker.tell('peers', 'grant.lapse', { grant: two.grant });
    expect(worker.effects.filter(({ effect }) => effect.kind === 'end-granted')).toHaveLength(1);
    worker.tell(`session/${ids[1]}`, 'lease.end', { why: 'revoked' });
    worker.tell(`session/${ids[1]}`, 'lease.end', { why: 'revoked' });
    expect(worker.told(ids[1], 'lease.ended')).toEqual([{ epoch: 1, why: 'revoked' }]);
    worker.ends(ids[1]);
    expect(ids.map((id) => worker.life(id))).toEqual(['running', 'stopped']);
    expect(refusal(() => worker.home(ids[1], 'lease.take', { epoch: 2, taker: nextId() }))).toBe(
      'not_granted',
    );
  });

  test('[K3] whatever is placed, stopped and started again, no more run than it allows', () => {
    const step = fc.record({
      do: fc.constantFrom('place', 'run', 'end', 'stop', 'restart'),
      which: fc.nat(7),
      early: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { minLength: 30, maxLength: 60 }),
        (max, steps) => {
          const world = new Worker();
          const grant = world.grant({ max });
          const ids: string[] = [];
          const told = new Map<string, number>();
          const tell = (id: string, type: string, body: object, facts?: unknown) => {
            const n = (told.get(id) ?? 0) + 1;
            // Looked at before it is decided, or, where that was too early, as it is.
            const code = refusal(() => world.home(id, 'home.tell', { epoch: 1, n, type, body }, facts));
            if (code === undefined) told.set(id, n);
            else expect([code, type]).toEqual(['limit_reached', 'agent.restart']);
          };
          const isFull = (id: string) =>
            usedUnder(world.node, grant.grant) - usedUnder(world.node, grant.grant, id) >= max;
          for (const { do: what, which, early } of steps) {
            const id = ids[which % Math.max(1, ids.length)];
            if (what === 'place') {
              const body = wanted();
              if (refusal(() => world.place(body)) === undefined) ids.push(body.id);
            } else if (id !== undefined) {
              const { agent } = world.session(id).hosted ?? { agent: '' };
              if (what === 'run') refusal(() => world.runs(id));
              else if (what === 'end') refusal(() => world.ends(id));
              else if (what === 'stop') tell(id, 'agent.stop', { agent, grace: 1 });
              else
                tell(
                  id,
                  'agent.restart',
                  { agent, run: nextId(), fresh: false },
                  { full: !early && isFull(id), taken: false },
                );
            }
            expect(usedUnder(world.node, grant.grant)).toBeLessThanOrEqual(max);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
