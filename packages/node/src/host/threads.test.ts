/** A host that can have no thread for its screens, or none that lives: what it holds goes on (rules H1, H5). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestHost } from './fixture.ts';

const threads = vi.hoisted(() => ({
  /** What becomes of a thread that is started now. */
  fate: 'lives' as 'lives' | 'none' | 'dies',
  /** When each was asked for. */
  asked: [] as number[],
  wake: [] as (() => void)[],
}));

vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>();
  class Worker extends real.Worker {
    constructor(...[file, options]: ConstructorParameters<typeof real.Worker>) {
      threads.asked.push(performance.now());
      for (const wake of threads.wake.splice(0)) wake();
      if (threads.fate === 'none') throw new Error('ERR_WORKER_INIT_FAILED');
      if (threads.fate === 'dies') super('throw new Error("no descriptor is left")', { eval: true });
      else super(file, options);
    }
  }
  return { ...real, Worker };
});

async function askedFor(times: number): Promise<void> {
  while (threads.asked.length < times) await new Promise<void>((resolve) => threads.wake.push(resolve));
}

let host: TestHost;
beforeEach(async () => {
  threads.asked = [];
  host = await TestHost.start();
});
afterEach(async () => {
  threads.fate = 'lives';
  await host.stop();
});

test.each(['none', 'dies'] as const)(
  '[H1] a host whose threads are of fate "%s" holds its programs on, tries again after pauses that grow, and shows their screens when it can',
  async (fate) => {
    threads.fate = fate;
    const run = await host.run(['sh', '-c', 'echo begun; exec cat']);
    await askedFor(4);
    const { runs } = await host.control.request('list', {});
    expect(runs).toMatchObject([{ run, exit: null }]);
    const pauses = threads.asked.slice(1).map((at, i) => at - (threads.asked[i] ?? 0));
    // Timers may be a millisecond early.
    for (const [i, least] of [95, 195, 395].entries()) expect(pauses[i]).toBeGreaterThan(least);
    threads.fate = 'lives';
    // What is asked of the last thread that dies is refused.
    const screen = () => host.control.request('screen', { run, form: 'text', history: 0 });
    await vi.waitFor(async () => expect((await screen()).data).toContain('begun'), 20_000);
  },
);
