/** The log and the hosts brought together again, where that cannot be done at once (rule H4). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openKernel } from './kernel/counter.fixture.ts';
import type { Kernel } from './kernel/kernel.ts';
import { Mending } from './mending.ts';

let dir: string;
let kernel: Kernel;
beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-mending-'));
  kernel = await openKernel(dir);
});
afterEach(async () => {
  vi.useRealTimers();
  await kernel.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

test('[H4] what a lack of descriptors kept apart is brought together once there are some; a node that stops tries no more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let lacking = 2;
  const tries = vi.fn(async () => {
    if (lacking-- > 0) throw new SkeinError('internal', 'EMFILE: too many open files');
  });
  const log = vi.fn();
  const mending = new Mending(kernel, log, tries);
  await mending.together();
  expect(log).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 5; i++) await vi.advanceTimersByTimeAsync(10_000);
  expect([tries.mock.calls.length, log.mock.calls.length]).toEqual([3, 2]);
  lacking = 2;
  await mending.together();
  mending.stop();
  for (let i = 0; i < 5; i++) await vi.advanceTimersByTimeAsync(10_000);
  expect(tries).toHaveBeenCalledTimes(4);
});
