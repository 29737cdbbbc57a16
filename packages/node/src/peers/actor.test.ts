/** The actor of other nodes: what is configured, known, joined and blocked (rules K3, L5, M2, M4). */
import { SkeinError } from '@skein/protocol/errors';
import type { PeersState } from '@skein/protocol/peers/state';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../kernel/types.ts';
import { type Joined, peersActor } from './actor.ts';

const A = '12D3KooWMsHM2VfiYBUNeUSfzvY4nu3396KYpXZK7hQpG2FCbCDo';
const B = '12D3KooWNrm1L8YuUYCys9B6Nd8het1ATKAUrSHcwUL1vZNBGdbT';
const OWNER = { kind: 'owner', via: 'local' };

function step(state: PeersState, type: string, body: unknown, by: unknown = OWNER) {
  const context = { now: 5, by, target: 'peers', id: '', offset: 0, command: { client: 'c', seq: 1 } };
  const { command: _, ...internal } = context;
  const ctx = ['away.join', 'away.listed', 'peer.told'].includes(type) ? internal : context;
  const decision = peersActor.decide(state, { type, body }, ctx) as Decision;
  const events = (decision.events ?? []).map((event) => ({ ...event, at: 5, by }));
  return { decision, state: events.reduce((s, event, i) => peersActor.apply(s, event, i + 1), state) };
}

const fresh = () => peersActor.initial('');
const joined = (peer: string, node: string, session = 's1', role: 'viewer' | 'owner' = 'viewer'): Joined => ({
  ...{ peer, node, addrs: ['/ip4/10.0.0.1/tcp/1'], relays: [] },
  session: { peer, session, name: 'api', role, member: 'm1' },
});

describe('[M4] other nodes', () => {
  test('a relay is kept once, pinned when its pin is known, and taken out however it is written', () => {
    let { state } = step(fresh(), 'mesh.configure', { on: true, add: ['ws://h:1', 'ws://h:1/'] });
    expect(state.relays).toEqual(['ws://h:1']);
    ({ state } = step(state, 'mesh.configure', { add: [`ws://h:1/#${A}`] }));
    expect(state.relays).toEqual([`ws://h:1/#${A}`]);
    expect(step(state, 'mesh.configure', { add: ['ws://h:1'] }).decision.events ?? []).toEqual([]);
    expect(step(state, 'mesh.configure', { remove: ['ws://h:1/'] }).state.relays).toEqual([]);
    expect(() => step(state, 'mesh.configure', { add: ['http://h'] })).toThrow(SkeinError);
  });

  test('a node that calls itself what is read as another one is told apart', () => {
    const { state } = step(fresh(), 'away.join', joined(A, 'laptop'));
    const reply = (node: string) => step(state, 'away.join', joined(B, node)).decision.reply;
    for (const name of ['laptop', 'Laptop', 'lap\u3164top', 'lарtор'])
      expect(reply(name)).toEqual({ node: `${name}-2` });
    expect(reply('laptop9')).toEqual({ node: 'laptop9' });
  });

  test('what changes nothing is no event; what does is made so', () => {
    const { state, decision } = step(fresh(), 'mesh.configure', { on: true });
    expect(decision.effects).toMatchObject([{ kind: 'configure-mesh' }]);
    expect(step(state, 'mesh.configure', { on: true }).decision).toMatchObject({ reply: { on: true } });
    expect(step(state, 'mesh.configure', { on: true }).decision.events).toBeUndefined();
  });

  test('a node joined again is known once, with its newest place; names are not given twice', () => {
    let { state } = step(fresh(), 'away.join', joined(A, 'laptop'));
    ({ state } = step(state, 'away.join', { ...joined(A, 'other', 's2'), addrs: ['/ip4/10.0.0.2/tcp/1'] }));
    expect(state.known[A]).toMatchObject({ name: 'laptop', addrs: ['/ip4/10.0.0.2/tcp/1'] });
    expect(Object.keys(state.known[A]?.sessions ?? {})).toEqual(['s1', 's2']);
    ({ state } = step(state, 'away.join', joined(B, 'laptop')));
    expect(state.known[B]?.name).toBe('laptop-2');
    expect(() => step(state, 'peer.rename', { peer: B, name: 'laptop' })).toThrow(/called "laptop"/);
    expect(() => step(state, 'peer.rename', { peer: B, name: 'a:b' })).toThrow(SkeinError);
  });

  test('where a node says it is found is kept beside what its ticket said, which nothing it says takes away', () => {
    const ticket = { addrs: ['/ip4/10.0.0.1/tcp/1'], relays: [] };
    let { state } = step(fresh(), 'away.join', joined(A, 'laptop'));
    const told = (addrs: string[], relays: string[] = []) =>
      step(state, 'peer.told', { peer: A, addrs, relays });
    // Nothing new is no event.
    expect(told(ticket.addrs).decision.events).toBeUndefined();
    ({ state } = told(['/ip4/10.0.0.2/tcp/1'], ['ws://h:1/']));
    ({ state } = told(['/ip4/10.0.0.3/tcp/1'], ['ws://h:1']));
    expect(state.known[A]).toMatchObject({
      addrs: ['/ip4/10.0.0.3/tcp/1', ...ticket.addrs],
      relays: ['ws://h:1'],
      given: ticket,
    });
    // The ticket once more changes nothing; another one counts alone.
    expect(step(state, 'away.join', joined(A, 'laptop')).decision.events).toEqual([]);
    ({ state } = step(state, 'away.join', { ...joined(A, 'laptop'), addrs: ['/ip4/10.0.0.9/tcp/1'] }));
    expect(state.known[A]?.addrs).toEqual(['/ip4/10.0.0.9/tcp/1']);
    expect(state.known[A]?.given).toBeUndefined();
    // Of one that is not known, or blocked, nothing is kept.
    expect(step(state, 'peer.told', { peer: B, ...ticket }).decision.events).toBeUndefined();
    ({ state } = step(state, 'peer.block', { peer: A, blocked: true }));
    expect(told(['/ip4/10.0.0.4/tcp/1']).decision.events).toBeUndefined();
  });

  test('what a node tells of no more is forgotten, a new name or role kept; what was joined meanwhile stays', () => {
    let { state } = step(fresh(), 'away.join', joined(A, 'laptop'));
    for (const session of ['s2', 's3', 's4', 'new'])
      ({ state } = step(state, 'away.join', joined(A, 'laptop', session)));
    const names = () => Object.values(state.known[A]?.sessions ?? {}).map(({ id, name }) => `${id} ${name}`);
    const listed = {
      ...{ peer: A, asked: ['s1', 's2', 's3', 's4', 'gone'], told: ['s1', 's2', 's4', 'other'] },
      // Of the last it tells what makes no sense.
      sessions: [
        { session: 's1', name: 'api', role: 'viewer' },
        { session: 's2', name: 'web', role: 'owner' },
        { session: 'other', name: 'theirs', role: 'viewer' },
      ],
    };
    const { decision, state: after } = step(state, 'away.listed', listed);
    expect(decision.events?.map(({ type }) => type)).toEqual(['away.joined', 'away.forgotten']);
    state = after;
    expect(names()).toEqual(['s1 api', 's2 web', 's4 api', 'new api']);
    expect(state.known[A]?.sessions.s2).toMatchObject({ role: 'owner', member: 'm1' });
    expect(step(state, 'away.listed', listed).decision).toEqual({ events: [] });
    expect(step(state, 'away.listed', { ...listed, peer: B }).decision).toEqual({ events: [] });
  });

  test('a node of which as many sessions are known as may be can be joined again, and for others is to be forgotten', () => {
    let { state } = step(fresh(), 'away.join', joined(A, 'laptop'));
    for (let n = 2; n <= 1_000; n++) ({ state } = step(state, 'away.join', joined(A, 'laptop', `s${n}`)));
    expect(step(state, 'away.join', joined(A, 'laptop', 's7')).decision.events).toEqual([]);
    expect(() => step(state, 'away.join', joined(A, 'laptop', 'more'))).toThrow(/skein node forget laptop/);
  });

  test('whoever is blocked or forgotten is cut; one who was never known can be blocked', () => {
    const blocked = step(fresh(), 'peer.block', { peer: B, blocked: true });
    expect(blocked.decision.effects).toMatchObject([{ kind: 'cut-peer', body: { peer: B } }]);
    expect(step(blocked.state, 'peer.block', { peer: B, blocked: false }).state.blocked).toEqual([]);
    expect(() => step(fresh(), 'peer.forget', { peer: A })).toThrow(/No node/);
    expect(() => step(fresh(), 'peer.block', { peer: '__proto__', blocked: true })).toThrow(SkeinError);
  });

  test("[M2] nothing of it is a member's to say", () => {
    const device = { kind: 'device', device: B };
    for (const type of ['mesh.configure', 'peer.rename', 'peer.forget', 'peer.block'])
      expect(() => step(fresh(), type, {}, device)).toThrow(expect.objectContaining({ code: 'not_allowed' }));
    expect(() =>
      peersActor.decide(
        fresh(),
        { type: 'away.join', body: joined(A, 'x') },
        { now: 5, by: OWNER, target: 'peers', id: '', offset: 0, command: { client: 'c', seq: 1 } },
      ),
    ).toThrow(expect.objectContaining({ code: 'unknown_command' }));
  });

  test('[L5] any order of commands leaves names unique and blocks as they were last said', () => {
    const peer = fc.constantFrom(A, B);
    const command = fc.oneof(
      fc.record({ type: fc.constant('away.join'), peer, name: fc.constantFrom('laptop', '::', 'b') }),
      fc.record({ type: fc.constant('peer.block'), peer, blocked: fc.boolean() }),
      fc.record({ type: fc.constant('peer.rename'), peer, name: fc.constantFrom('laptop', 'desk') }),
      fc.record({ type: fc.constant('peer.forget'), peer }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        let state = fresh();
        const blocked = new Set<string>();
        for (const { type, ...body } of commands) {
          try {
            const name = 'name' in body ? String(body.name) : '';
            ({ state } = step(state, type, type === 'away.join' ? joined(body.peer, name) : body));
          } catch (error) {
            expect(error).toBeInstanceOf(SkeinError);
            continue;
          }
          if ('blocked' in body) body.blocked ? blocked.add(body.peer) : blocked.delete(body.peer);
        }
        const names = Object.values(state.known).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u);
        expect(new Set(state.blocked)).toEqual(blocked);
      }),
    );
  });
});
