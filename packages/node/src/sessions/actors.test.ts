/** The decisions of the node's and the sessions' actors, with no kernel and no world (rules K3, K4, K5, H4). */

import { SkeinError } from '@skein/protocol/errors';
import { emptyNode, type NodeState, sessionIn, sessionsIn } from '@skein/protocol/sessions/node-state';
import { emptySession, type SessionState } from '@skein/protocol/sessions/state';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActorKind, Decision } from '../kernel/types.ts';
import { nodeActor } from './node-actor.ts';
import { resolveRef } from './resolve.ts';
import { sessionActor } from './session-actor.ts';

const client = { command: { client: 'c', seq: 1 }, by: { kind: 'owner', via: 'local' } };

/** Decides, and applies the events. */
function step<S>(
  actor: ActorKind<S>,
  state: S,
  type: string,
  body: unknown,
  from: object = {},
): { state: S; decision: Decision } {
  const decision = actor.decide(
    state,
    { type, body },
    { now: 5, by: null, target: 't', id: 's1', offset: 0, ...from },
  ) as Decision;
  const events = (decision.events ?? []).map((event) => ({ ...event, at: 5, by: null }));
  return { decision, state: events.reduce((s, event, i) => actor.apply(s, event, i + 1), state) };
}

function refusal(act: () => unknown): SkeinError {
  try {
    act();
  } catch (error) {
    if (error instanceof SkeinError) return error;
  }
  throw new Error('It was not refused.');
}

const wish = { id: 'aaaaaaaaaaaa', run: 'bbbbbbbbbbbb', argv: ['bash'], cwd: '/', cols: 80, rows: 24 };

describe('node', () => {
  test('[K3] creating a session tells the session in the same unit', () => {
    const { decision, state } = step(
      nodeActor,
      emptyNode(),
      'session.create',
      { ...wish, name: 'api' },
      client,
    );
    expect(decision.tell).toMatchObject([{ target: 'session/aaaaaaaaaaaa', type: 'session.begin' }]);
    expect(decision.reply).toEqual({ id: wish.id, run: wish.run, name: 'api' });
    expect(sessionIn(state, wish.id)).toMatchObject({ name: 'api', state: 'starting' });
  });

  test('[K5] a taken name is refused by code, naming who has it; without a wish a free one is found', () => {
    const { state } = step(nodeActor, emptyNode(), 'session.create', wish, client);
    const again = { ...wish, id: 'cccccccccccc' };
    const error = refusal(() => step(nodeActor, state, 'session.create', { ...again, name: 'bash' }, client));
    expect(error).toMatchObject({ code: 'name_taken', data: { id: wish.id } });
    const { decision } = step(nodeActor, state, 'session.create', again, client);
    expect(decision.reply).toMatchObject({ name: 'bash-2' });
  });

  test('[K5] no session is called as the node itself is: neither made up, nor asked for, nor renamed', () => {
    const node = { ...wish, argv: ['node', 'x.js'] };
    const { decision, state } = step(nodeActor, emptyNode(), 'session.create', node, client);
    expect(decision.reply).toMatchObject({ name: 'node-2' });
    const asked = { ...wish, id: 'cccccccccccc', name: 'node' };
    expect(refusal(() => step(nodeActor, state, 'session.create', asked, client)).code).toBe('name_taken');
    const renamed = { id: wish.id, name: 'node' };
    expect(refusal(() => step(nodeActor, state, 'session.rename', renamed, client)).code).toBe('name_taken');
  });

  test('[K5] sizes, names and bodies that cannot be are refused by code', () => {
    const cases: [object, string][] = [
      [{ ...wish, cols: 0, rows: 0 }, 'bad_size'],
      [{ ...wish, cols: 1e6, rows: 1e6 }, 'bad_size'],
      [{ ...wish, name: '-x' }, 'bad_name'],
      [{ ...wish, name: 'a/b' }, 'bad_name'],
      [{ ...wish, name: 'x'.repeat(65) }, 'bad_name'],
      [{ ...wish, argv: [] }, 'bad_request'],
      [{ ...wish, argv: ['a\0b'] }, 'bad_request'],
      [{}, 'bad_request'],
    ];
    for (const [body, code] of cases) {
      expect(refusal(() => step(nodeActor, emptyNode(), 'session.create', body, client)).code).toBe(code);
    }
  });

  test('[K1] a client cannot give the commands that the node gives itself', () => {
    for (const type of [
      'node.boot',
      'session.mark',
      'session.adopt',
      'log.report',
      'effect.outcome',
      'toString',
    ]) {
      expect(refusal(() => step(nodeActor, emptyNode(), type, {}, client)).code).toBe('unknown_command');
    }
    const begun = step(sessionActor, emptySession('s1'), 'session.begin', { ...wish, name: 'n' }).state;
    for (const type of ['session.begin', 'run.ended', 'run.vanished', 'run.found', 'effect.outcome']) {
      expect(refusal(() => step(sessionActor, begun, type, {}, client)).code).toBe('unknown_command');
    }
  });

  test('[K5] a running session cannot be removed, an ended one can', () => {
    let { state } = step(nodeActor, emptyNode(), 'session.create', wish, client);
    const remove = (now: NodeState) =>
      step(nodeActor, now, 'session.remove', { id: wish.id, purge: true }, client);
    expect(refusal(() => remove(state)).code).toBe('still_running');
    state = step(nodeActor, state, 'session.mark', { id: wish.id, state: 'exited', run: wish.run }).state;
    const { decision, state: after } = remove(state);
    expect(decision.effects).toMatchObject([{ kind: 'purge-session' }]);
    expect(sessionsIn(after)).toEqual([]);
  });

  test('[K3] names stay unique under any order of creating, renaming and removing', () => {
    const name = fc.constantFrom('a', 'b', 'c', undefined);
    const id = fc.constantFrom('aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', 'dddddddddddd');
    const act = fc.record({
      what: fc.constantFrom('session.create', 'session.rename', 'session.remove', 'session.mark'),
      id,
      name,
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        let state = emptyNode();
        for (const { what, id, name } of acts) {
          const body = { ...wish, id, name, purge: false, state: 'exited' };
          try {
            state = step(nodeActor, state, what, body, what === 'session.mark' ? {} : client).state;
          } catch (error) {
            expect(error).toBeInstanceOf(SkeinError);
          }
          const names = sessionsIn(state).map((s) => s.name);
          expect(new Set(names).size).toBe(names.length);
        }
      }),
    );
  });
});

describe('session', () => {
  const begun = () =>
    step(sessionActor, emptySession('s1'), 'session.begin', { ...wish, name: 'n', env: 'handle' }).state;
  const done = { id: wish.run, kind: 'start-run', status: 'done', value: { host: 'h', pid: 9, start: 't' } };
  const end = { run: wish.run, host: 'h', pid: 9, start: 't', code: 0, signal: null, bytes: 3 };

  test('[K4] the wish is recorded with the effect that fulfils it, and the outcome is an event', () => {
    const { decision } = step(sessionActor, emptySession('s1'), 'session.begin', {
      ...wish,
      name: 'n',
      env: 'handle',
    });
    expect(decision.events?.map((e) => e.type)).toEqual(['session.created', 'run.requested']);
    expect(decision.effects).toMatchObject([{ id: wish.run, kind: 'start-run', body: { env: 'handle' } }]);
    const { state } = step(sessionActor, begun(), 'effect.outcome', done);
    expect(state.run).toMatchObject({ state: 'running', host: 'h', pid: 9 });
  });

  test('[H4] an end that is told before the start leaves both in the log, once', () => {
    const first = step(sessionActor, begun(), 'run.ended', end);
    expect(first.decision.events?.map((e) => e.type)).toEqual(['run.started', 'run.exited']);
    expect(step(sessionActor, first.state, 'effect.outcome', done).decision).toEqual({});
    expect(step(sessionActor, first.state, 'run.ended', end).decision).toEqual({});
    expect(step(sessionActor, first.state, 'run.vanished', { run: wish.run, why: '' }).decision).toEqual({});
  });

  test('[K4] an effect whose outcome is unknown leaves a run that is lost, not one that is started again', () => {
    const { state, decision } = step(sessionActor, begun(), 'effect.outcome', {
      id: wish.run,
      kind: 'start-run',
      status: 'unknown',
    });
    expect(state.run?.state).toBe('lost');
    expect(decision.effects ?? []).toEqual([]);
  });

  test('[K5] signals go to a running program only', () => {
    const signal = (state: SessionState, body: object) =>
      step(sessionActor, state, 'run.signal', body, client);
    expect(refusal(() => signal(begun(), { signal: 'SIGTERM' })).code).toBe('not_running');
    const running = step(sessionActor, begun(), 'effect.outcome', done).state;
    expect(signal(running, { signal: 'SIGTERM', grace: 100 }).decision.effects).toMatchObject([
      { kind: 'stop-run' },
    ]);
    expect(signal(running, { signal: 'SIGUSR1' }).decision.effects).toMatchObject([{ kind: 'signal-run' }]);
    expect(refusal(() => signal(running, { signal: 'SIGNOTHING' })).code).toBe('bad_request');
    expect(
      refusal(() => step(sessionActor, emptySession('x'), 'run.signal', { signal: 'SIGTERM' }, client)).code,
    ).toBe('not_found');
  });
});

describe('references', () => {
  const session = (id: string, name: string) => ({
    id,
    name,
    argv: [],
    created: 0,
    state: 'running' as const,
    run: '',
    devices: {},
    agents: [],
  });
  const all = [
    session('abcdefghijkl', 'api'),
    session('abxxxxxxxxxx', 'api-2'),
    session('zzzzzzzzzzzz', 'web'),
  ];

  test('[K5] an id, a name or a beginning that only one has; else the near ones are named', () => {
    expect(resolveRef(all, 'api').name).toBe('api');
    expect(resolveRef(all, 'abc').name).toBe('api');
    expect(resolveRef(all, 'w').name).toBe('web');
    const ambiguous = refusal(() => resolveRef(all, 'ap'));
    expect(ambiguous.code).toBe('ambiguous');
    expect(ambiguous.message).toContain('api, api-2');
    const unknown = refusal(() => resolveRef(all, 'wen'));
    expect(unknown).toMatchObject({ code: 'not_found', data: { near: [{ name: 'web' }] } });
  });
});
