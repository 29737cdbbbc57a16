/**
 * A session in use between two machines that cannot reach each other (rules M1, M4, M5, C4, H3): through a relay, directly
 * when a route appears, and through all that happens to machines and networks, without a gap or a repeat.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Machines } from '../support/machines.ts';
import { condition, linux, needs } from '../support/needs.ts';
import { kill, until } from '../support/processes.ts';
import { Scene } from './scene.ts';

const missing = Machines.missing();
/** Milliseconds: a lost connection is found within 10 s (C4), and the next is had at once. */
const FOUND_MS = 12_000;
/** Milliseconds in which a direct path is tried again. */
const AGAIN_MS = 20_000;
const PATIENCE_MS = 60_000;

needs(
  linux,
  'tmux',
  condition(missing === undefined, missing ?? ''),
)('two machines and a relay', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.start();
  });
  afterAll(() => scene.end());

  /** Does something to the world while bob goes on typing, and waits until all is whole again. */
  async function through(what: () => void | Promise<void>, ms: number): Promise<void> {
    scene.type();
    await what();
    scene.type();
    await scene.whole(ms);
    scene.type();
    await scene.whole();
  }

  test('[M1] [M3] [M4] share, join, attach, type: through the relay, and both know it', async () => {
    expect(scene.join('operator')).toMatchObject({ ref: scene.ref, role: 'operator' });
    await scene.attach();
    scene.type();
    await scene.whole();
    expect(scene.path).toMatchObject({ path: 'relayed', via: scene.relay.url.split('/#')[0] });
    expect(scene.alice.json('nodes')).toMatchObject([{ path: 'relayed' }]);
    expect(scene.alice.json('members', 'api')).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ id: scene.member, role: 'operator' })]),
    );
  });

  test(
    '[M5] [C4] the path becomes direct when there is a route, and relayed again when it goes',
    async () => {
      for (const gone of ['unreachable', 'blackhole'] as const) {
        await through(async () => {
          scene.machines.between('alice', 'bob', 'open');
          await scene.pathIs('direct', AGAIN_MS);
        }, FOUND_MS);
        await through(async () => {
          scene.machines.between('alice', 'bob', gone);
          await scene.pathIs('relayed', FOUND_MS);
        }, FOUND_MS);
      }
    },
    PATIENCE_MS,
  );

  test(
    '[C4] [H3] a pulled plug is told in the terminal, what is typed meanwhile is kept, and all goes on',
    async () => {
      scene.machines.plug('bob', false);
      await scene.sees('the status line', (text) => text.includes('cut off'), FOUND_MS);
      scene.type();
      await scene.sees('what waits', (text) => /\d+ bytes typed wait/.test(text), 5_000);
      await through(() => scene.machines.plug('bob', true), FOUND_MS);
    },
    PATIENCE_MS,
  );

  test(
    '[C4] either machine gets another address',
    async () => {
      for (const name of ['bob', 'alice']) await through(() => void scene.machines.move(name), FOUND_MS);
    },
    PATIENCE_MS,
  );

  test(
    '[C4] [R1] the relay is killed and started again',
    async () => {
      await through(async () => {
        await scene.relay.kill();
        await scene.sees('the status line', (text) => text.includes('cut off'), FOUND_MS);
        scene.type();
        await scene.relay.start();
      }, FOUND_MS);
    },
    PATIENCE_MS,
  );

  test(
    '[C4] [H1] either node is killed and started again',
    async () => {
      for (const skein of [scene.alice, scene.bob]) await through(() => scene.restart(skein), FOUND_MS);
    },
    PATIENCE_MS,
  );

  test(
    '[C4] a node sleeps for twenty seconds',
    async () => {
      const pid = scene.pidOf(scene.alice);
      await through(async () => {
        kill(pid, 'SIGSTOP');
        const began = performance.now();
        try {
          await scene.sees('the status line', (text) => text.includes('cut off'), 10_000);
          scene.type();
          await until('twenty seconds', () => performance.now() - began > 20_000, 25_000);
        } finally {
          kill(pid, 'SIGCONT');
        }
      }, FOUND_MS);
    },
    PATIENCE_MS,
  );

  test('[L2] [M2] both sides read the same events from the beginning', () => {
    const here = scene.alice.json<{ type: string; offset: number }[]>('events', 'api');
    const there = scene.bob.json<{ type: string; offset: number }[]>('events', scene.ref);
    expect(there.map(({ offset }) => offset)).toEqual(here.map(({ offset }) => offset));
    for (const [i, event] of there.entries()) if (event.type !== 'withheld') expect(event).toEqual(here[i]);
    expect(there.some(({ type }) => type === 'member.joined')).toBe(true);
    expect(scene.events).toEqual(there);
  });
});
