/** Who joined from now on is told nothing of what was over before (rule M3). */
import { emptySession, type SessionState } from '@skein/protocol/sessions/state';
import { expect, test } from 'vitest';
import { LOCAL_USER } from './principal.ts';
import { seenBy } from './since.ts';
import { device, LOCAL, ticketId, World } from './world.fixture.ts';

const SECRET = 'secret of before';

/** A session with one of everything that is over, at 100, and again at 300; somebody came at 200. */
function session(history: 'all' | 'from-join'): SessionState {
  const device = { device: 'd', name: 'x', added: 200, history, from: 9, runs: {}, revoked: false };
  const member = { id: 'm', name: 'm', role: 'viewer', joined: 200, devices: [device], revoked: false };
  const both = (make: (at: number, text: string) => object) => [make(100, SECRET), make(300, 'later')];
  return {
    ...emptySession('s'),
    members: { m: member },
    settled: [
      ...both((at, title) => ({ approval: title, title, how: 'denied', answered: { at, reason: title } })),
      { approval: 'x', title: SECRET, how: 'withdrawn', answered: null },
    ],
    refusals: both((at, why) => ({ at, why })),
    conflicts: both((at, path) => ({ at, path })),
    landings: both((at, why) => ({ at, why })),
    settledQuestions: both((settledAt, text) => ({ settledAt, text })),
    tasks: {
      a: { text: SECRET, ended: 100 },
      b: { text: 'later', ended: 300 },
      c: {
        ...{ text: 'goes on', ended: null, added: 100, given: { at: 150 } },
        ...{ why: SECRET, result: { ok: true, text: SECRET } },
      },
      d: { text: 'goes on', ended: null, added: 100, given: { at: 300 }, result: { text: 'later' } },
      e: { text: 'goes on', ended: null, added: 300, given: null, why: 'later', result: null },
    },
    far: {
      a: {
        unheard: [{ n: 1, type: 'prompt.queue', body: { parts: [SECRET] } }],
        wish: { type: 'prompt.queue', body: SECRET },
        asks: both((at, text) => ({ ask: 'x', at, body: { text } })),
      },
    },
    hosted: { asks: both((at, text) => ({ ask: 'x', at, body: { text } })) },
    agents: {
      a: {
        ...{ reported: { at: 100, text: SECRET }, queue: both((at, preview) => ({ at, preview })) },
        ...{ added: 50, why: SECRET, endedAt: 100 },
      },
      b: { reported: { at: 300, text: 'later' }, queue: [], added: 50, why: 'later', endedAt: 300 },
      // As a node of before kept it.
      c: { queue: [], added: 50, why: SECRET },
    },
  } as unknown as SessionState;
}

test('[M3] from-join: nothing of what was over before, all that is now or has ended since', () => {
  const seen = seenBy(session('from-join'), { kind: 'device', device: 'd' });
  expect(JSON.stringify(seen)).not.toContain(SECRET);
  expect(JSON.stringify(seen).match(/later/g)).toHaveLength(15);
  expect(Object.keys(seen.tasks)).toEqual(['b', 'c', 'd', 'e']);
});

test('[M3] who may see all, does', () => {
  for (const by of [LOCAL_USER, { kind: 'device' as const, device: 'd' }])
    expect(seenBy(session('all'), by)).toEqual(session('all'));
  expect(seenBy(session('from-join'), LOCAL_USER)).toEqual(session('from-join'));
});

test('[M3] from-join: nothing of before either where the clock has been set back since, or another machine is ahead', () => {
  const world = new World();
  const { members: _, ...over } = session('from-join');
  world.session = { ...over, ...{ id: world.session.id, created: 1, members: {}, hosted: null } };
  // As they come, the clock says less than it said when the half of it happened.
  world.now = 200;
  world.make(LOCAL, ticketId(1), 'viewer', { uses: 3, history: 'from-join' });
  world.redeem(1, ticketId(1));
  const seen = () => seenBy(world.session, { kind: 'device', device: device(1) });
  expect(JSON.stringify(seen())).not.toMatch(/later|secret/);
  const since = over.refusals.slice(-1).map((one) => ({ ...one, at: 250 }));
  expect(since).toHaveLength(1);
  world.session = { ...world.session, refusals: [...world.session.refusals, ...since] };
  expect(seen().refusals).toEqual(since);
});
