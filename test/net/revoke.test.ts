/** A member who is revoked while attached is cut off at once, on whichever path, and stays out (rules M2, M3). */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Machines } from '../support/machines.ts';
import { condition, linux, needs } from '../support/needs.ts';
import { Scene } from './scene.ts';

const missing = Machines.missing();
/** Milliseconds in which a revoked member is cut off. */
const DIRECT_MS = 1_000;
const RELAYED_MS = 5_000;

needs(
  linux,
  'tmux',
  condition(missing === undefined, missing ?? ''),
)('a revoked member', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
    scene.join('operator');
    await scene.attach();
    scene.type();
    await scene.whole();
  });
  afterEach(() => scene.end());

  async function revoked(ms: number): Promise<void> {
    const before = scene.arrived;
    scene.alice.run('revoke', 'api', scene.member);
    const began = performance.now();
    await scene.sees('why it ended', (text) => /^skein: .*\(not_allowed\)/ms.test(text), ms);
    expect(performance.now() - began).toBeLessThan(ms);
    const { next } = scene.output;
    scene.type();
    const again = scene.bob.try(['attach', scene.ref, '--json']);
    expect(again.status).not.toBe(0);
    for (const words of [['screen'], ['events'], ['output']]) {
      const { status, stdout } = scene.bob.try([...words, scene.ref]);
      expect([words, stdout, status !== 0]).toEqual([words, '', true]);
    }
    expect(scene.arrived).toBe(before);
    expect(scene.output.next).toBe(next);
  }

  test('[M3] is cut off within five seconds when relayed', async () => {
    expect(scene.path.path).toBe('relayed');
    await revoked(RELAYED_MS);
  });

  test('[M3] is cut off within a second when direct', async () => {
    scene.machines.between('alice', 'bob', 'open');
    await scene.pathIs('direct', 20_000);
    await scene.whole();
    await revoked(DIRECT_MS);
  });
});
