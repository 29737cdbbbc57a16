/** What must hold when no thread can be had for a worker of the log (L2). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { add, cleanUp, openKernel, tempDir } from '../counter.fixture.ts';

/** Starts of workers that are still to succeed, and then to fail. */
const threads = vi.hoisted(() => ({ had: 0, refused: 0 }));

vi.mock('./worker-path.ts', async (original) => {
  const { workerPath } = await original<typeof import('./worker-path.ts')>();
  return {
    workerPath: () => {
      threads.had -= 1;
      // Where the system has no thread left, making a worker throws just so.
      if (threads.had < 0 && threads.refused-- > 0) throw new Error('EAGAIN');
      return workerPath();
    },
  };
});

beforeEach(() => Object.assign(threads, { had: 0, refused: 0 }));

afterEach(cleanUp);

test.each(['reader', 'writer'] as const)(
  '[L2] a %s that cannot be started again is tried until it can, and all goes on',
  async (role) => {
    const kernel = await openKernel(tempDir());
    expect(await add(kernel, 1, 1)).toMatchObject({ ok: true });
    threads.refused = 2;
    await kernel.loseWorker(role);
    expect(await add(kernel, 2, 2)).toMatchObject({ ok: false, error: { code: 'storage_unavailable' } });
    await kernel.repaired();
    expect(threads.refused).toBeLessThan(0);
    expect(await add(kernel, 2, 2)).toMatchObject({ ok: true, value: 3 });
  },
);

test.each(['reader', 'writer'] as const)(
  '[L2] a log whose %s cannot be started again can be closed, and loses nothing',
  async (role) => {
    const dir = tempDir();
    const { promise: tried, resolve } = Promise.withResolvers<void>();
    let tries = 0;
    const log = (_: string, message: string) => {
      if (message.includes('could not be repaired')) tries += 1;
      if (tries === 2) resolve();
    };
    let kernel = await openKernel(dir, { log });
    await add(kernel, 1, 1);
    threads.refused = Number.POSITIVE_INFINITY;
    await kernel.loseWorker(role);
    await tried;
    await kernel.close();
    threads.refused = 0;
    kernel = await openKernel(dir, { onDamage: ({ reason }) => expect.unreachable(reason) });
    expect(await add(kernel, 2, 2)).toMatchObject({ ok: true, value: 3 });
  },
);

test('[L2] a log is not opened without both of its workers, and can be later', async () => {
  const dir = tempDir();
  for (const had of [0, 1]) {
    Object.assign(threads, { had, refused: 1 });
    const message = expect.stringContaining('EAGAIN');
    await expect(openKernel(dir)).rejects.toMatchObject({ code: 'storage_unavailable', message });
  }
  expect(await add(await openKernel(dir), 1, 1)).toMatchObject({ ok: true });
});
