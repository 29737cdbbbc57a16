/** A workspace's actor in a kernel: claims and writes, and what is told of them (rules W1, W2). */
import { beforeEach, describe, expect, test } from 'vitest';
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
});
