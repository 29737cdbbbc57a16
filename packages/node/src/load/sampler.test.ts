/** What programs take, on real processes (rule U3). */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { processTable } from '../platform/process-table.ts';
import { Sampler } from './sampler.ts';

let children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});

/** Tells its pid once it and its child are there. */
async function busy(): Promise<number> {
  const words = 'while :; do :; done & echo there; wait';
  const child = spawn('sh', ['-c', words], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  children.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child.pid ?? 0;
}

function end(pid: number): void {
  process.kill(-pid, 'SIGKILL');
}

test('[U3] a program is told with its children; one look serves all who ask at the same time, and soon after', async () => {
  const pid = await busy();
  try {
    const sampler = new Sampler();
    let looks = 0;
    const roots = async () => {
      looks++;
      return [{ pid }, { pid: process.pid }, { pid: 999_999_999 }];
    };
    const [one, two] = await Promise.all([sampler.uses(roots), sampler.uses(roots)]);
    expect(two).toBe(one);
    expect(await sampler.uses(roots)).toBe(one);
    expect(looks).toBe(1);
    expect(one.get(pid)?.processes).toBe(2);
    expect(one.get(pid)?.cpu).toBeGreaterThan(0.05);
    expect(one.get(process.pid)?.memory).toBeGreaterThan(20 * 2 ** 20);
    expect(one.has(999_999_999)).toBe(false);
  } finally {
    end(pid);
  }
});

test('[U3] between two looks nothing of it is at work', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  await new Sampler().uses(async () => [{ pid: process.pid }]);
  expect(timers()).toBeLessThanOrEqual(before);
});

test('the table has this process, with its parent and what it has used', async () => {
  const found = (await processTable()).find(({ pid }) => pid === process.pid);
  expect(found).toMatchObject({ parent: process.ppid });
  expect(found?.cpu).toBeGreaterThan(0);
});
