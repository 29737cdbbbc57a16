/** Ends of programs that the disk refuses, while there is no node to tell them to (rules H2, H4). */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readFinal } from './final-screen.ts';
import { TestHost } from './fixture.ts';
import { readExit } from './run-files.ts';

let host: TestHost;
beforeEach(async () => {
  host = await TestHost.start();
});
afterEach(() => host.stop());

const ended = (pid: number) => vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 10_000);

/** A program that prints and ends when it is told to, in a host that only waits for that, without a node. */
async function alone(files: string[]) {
  const run = await host.run(['sh', '-c', 'echo $$; read line; echo last words; exit 7']);
  const dir = path.join(host.home, 'runs', run);
  const viewer = await host.view(run, { view: 'bytes' });
  await viewer.until(() => /\d+\r\n/.test(viewer.output));
  const pid = Number.parseInt(viewer.output, 10);
  const done = new Promise<void>((resolve) => {
    host.done = resolve;
  });
  let gone = false;
  void done.then(() => (gone = true));
  await host.control.request('drain', {});
  // What takes no file's place: as a full disk, it refuses what is to be written there.
  const wall = (file: string) => path.join(dir, file);
  for (const file of files) fs.mkdirSync(path.join(wall(file), 'in the way'), { recursive: true });
  host.control.close();
  viewer.type('\n', 0);
  await viewer.until(() => viewer.exit !== undefined);
  await ended(pid);
  return {
    dir,
    done,
    gone: () => gone,
    yields: (file: string) => fs.rmSync(wall(file), { recursive: true }),
  };
}

test('[H2] [H4] a host stays, without a node, until how its program ended and what it showed last are on disk', async () => {
  const { dir, done, gone, yields } = await alone(['exit.json', 'final.json']);
  expect(gone()).toBe(false);
  yields('exit.json');
  await vi.waitFor(() => expect(readExit(dir)).toMatchObject({ code: 7 }), 10_000);
  expect(gone()).toBe(false);
  yields('final.json');
  await done;
  expect(readFinal(dir)?.text).toContain('last words');
});

test('[H1] what programs print does not wait for a slow disk while others start and end', async () => {
  const waits = vi.spyOn(fs, 'fsyncSync');
  try {
    const run = await host.run(['sh', '-c', 'exit 3']);
    await host.exited(run);
    expect(readExit(path.join(host.home, 'runs', run))).toMatchObject({ code: 3 });
    expect(waits).not.toHaveBeenCalled();
  } finally {
    waits.mockRestore();
  }
});

test('[H4] a host does not stay for a home that is gone', async () => {
  const { dir, done } = await alone(['exit.json']);
  fs.rmSync(dir, { recursive: true });
  await done;
});
