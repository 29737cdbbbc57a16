/** A workspace's actor in a kernel: claims and writes, and what is told of them (rules W1, W2). */
import { beforeEach, describe, expect, test } from 'vitest';
import { sessionActor } from '../sessions/session-actor.ts';
import { Scene } from './claims/scene.fixture.ts';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

describe('a workspace', () => {
  test('[W1] a claim that overlaps another is refused with who holds it', () => {
    const a = scene.enter('a');
    scene.enter('b');
    expect(scene.take('src/**', { for: a })).toMatchObject({ fence: 1, before: 0, globs: ['src/**'] });
    expect(() => scene.take('src/x.ts', { for: 'b' })).toThrow(
      expect.objectContaining({
        code: 'claimed',
        data: expect.objectContaining({
          blocking: [expect.objectContaining({ fence: 1, globs: ['src/**'] })],
        }),
      }),
    );
    expect(scene.take('docs/**', { for: 'b' })).toMatchObject({ fence: 2 });
  });

  test('[W1] those that wait get it in their order, with a higher number', () => {
    scene.enter('a', 'b', 'c');
    scene.take('x', { for: 'a' });
    expect(scene.take('x', { for: 'b', wait: true, claim: 'bbbbbbbbbbbb' })).toMatchObject({
      fence: null,
      before: 0,
    });
    expect(scene.take('x', { for: 'c', wait: true })).toMatchObject({ fence: null, before: 1 });
    scene.release({ for: 'a' });
    expect(scene.holders()).toEqual({ x: 'b' });
    scene.leave('b');
    expect(scene.holders()).toEqual({ x: 'c' });
    expect(scene.state.fence).toBe(3);
  });

  test('[W2] the first write takes what nobody holds, and the end of the turn gives it back', () => {
    scene.enter('a', 'b');
    expect(scene.write('a', '1', 'x')).toMatchObject({ fence: 1 });
    expect(scene.write('a', '1', 'x')).toMatchObject({ fence: 1 });
    expect(() => scene.write('b', '1', 'x')).toThrow(expect.objectContaining({ code: 'claimed' }));
    scene.turn('a');
    expect(scene.write('b', '1', 'x')).toMatchObject({ fence: 2 });
    expect(scene.noted('sa')).toEqual(['claim.taken', 'claim.released']);
  });

  test('[W2] a strict workspace takes nothing by itself', () => {
    scene = new Scene({ strict: true });
    scene.enter('a');
    expect(() => scene.write('a', '1', 'x')).toThrow(expect.objectContaining({ code: 'claim_missing' }));
    scene.take('x', { for: 'a' });
    expect(scene.write('a', '1', 'x')).toMatchObject({ fence: 1 });
  });

  test('[W2] what is being written is given to nobody before that has ended, though its claim is released', () => {
    scene.enter('a', 'b');
    scene.write('a', '1', 'x');
    scene.take('x', { for: 'b', wait: true });
    scene.release({ for: 'a' });
    expect(scene.holders()).toEqual({});
    scene.written('a', '1');
    expect(scene.holders()).toEqual({ x: 'b' });
  });

  test('[W1] nobody who comes later goes before those that wait, but for whom they wait', () => {
    scene.enter('a', 'b', 'c');
    scene.take('src/x', { for: 'a' });
    scene.take('src/**', { for: 'b', wait: true });
    expect(() => scene.take('src/y', { for: 'c' })).toThrow(expect.objectContaining({ code: 'claimed' }));
    // It could not go on otherwise, and so nobody could.
    expect(scene.write('a', '1', 'src/y')).toMatchObject({ fence: 2 });
  });

  test('[W1] a run that would wait for one that waits for it is refused', () => {
    scene.enter('a', 'b', 'c');
    scene.take('x', { for: 'a' });
    scene.take('y', { for: 'b' });
    scene.take('z', { for: 'c' });
    scene.take('y', { for: 'a', wait: true });
    scene.take('z', { for: 'b', wait: true });
    expect(() => scene.take('x', { for: 'c', wait: true })).toThrow(
      expect.objectContaining({ code: 'deadlock' }),
    );
    // A person can let go of something meanwhile.
    scene.take('p');
    scene.take('p', { for: 'c', wait: true });
    expect(scene.take('x', { wait: true })).toMatchObject({ fence: null });
  });

  test('[W2] what is stolen from a run that may be writing is had when that has ended, before all who wait', () => {
    scene.enter('a', 'b');
    scene.write('a', '1', 'x');
    scene.take('x', { for: 'b', wait: true });
    expect(scene.take('x', { steal: { reason: 'now' } })).toMatchObject({ fence: null, before: 0 });
    expect(scene.told.filter(({ type }) => type === 'run.yield')).toMatchObject([
      { target: 'session/sa', body: { agent: 'ga' } },
    ]);
    expect(scene.holders()).toEqual({ x: 'a' });
    scene.leave('a');
    expect(scene.holders()).toEqual({ x: "the machine's user" });
    const gone = scene.told.findLast(({ target }) => target === 'session/sa')?.body;
    expect(gone).toMatchObject({
      events: [{ type: 'claim.released', body: { why: 'stolen', reason: 'now' } }],
    });
    scene.release();
    expect(scene.holders()).toEqual({ x: 'b' });
  });

  test('[W2] what is stolen from a person, or from a run whose writes pass the node, is had at once, with a higher number', () => {
    scene.enterAs('a', { files: 'enforced', shell: 'watched' });
    scene.write('a', '1', 'x');
    expect(scene.take('x', { steal: { reason: 'now' } })).toMatchObject({ fence: 2 });
    const { body } = scene.events.find(({ type }) => type === 'claim.released') ?? {};
    expect(body).toMatchObject({ fence: 1, why: 'stolen', reason: 'now' });
    expect(() => scene.write('a', '1', 'x')).toThrow(expect.objectContaining({ code: 'claimed' }));
    scene.enter('b');
    expect(scene.take('x', { for: 'b', steal: { reason: 'mine' } })).toMatchObject({ fence: 3 });
  });

  test('[W2] a run in a sandbox gives nothing back before it ends', () => {
    scene.enterAs('a', { files: 'enforced', shell: 'enforced' });
    scene.take('x', { for: 'a' });
    expect(() => scene.release({ for: 'a' })).toThrow(expect.objectContaining({ code: 'still_running' }));
    expect(scene.take('x', { steal: { reason: 'now' } })).toMatchObject({ fence: null });
    scene.leave('a');
    expect(scene.holders()).toEqual({ x: "the machine's user" });
  });

  test('[W1] a session that is gone keeps no claim from ending', () => {
    const empty = sessionActor.initial('sss');
    const ctx = { now: 1, by: null, target: 'session/sss', id: 'sss', offset: 0 };
    const notes = { type: 'workspace.notes', body: { events: [{ type: 'claim.released', body: {} }] } };
    expect(sessionActor.decide(empty, notes, ctx)).toEqual({});
  });
});
