/** Programs in a host: started once, ended and told, journalled within bounds (rules H1, H2, H4). */
import fs from 'node:fs';
import path from 'node:path';
import { RUNS_PER_HOST } from '@skein/protocol/limits';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive, startTime } from '../platform/process.ts';
import { TestHost } from './fixture.ts';
import { readExit, runDir } from './run-files.ts';

let host: TestHost;
beforeEach(async () => {
  host = await TestHost.start();
});
afterEach(async () => {
  await host.stop();
});

describe('runs', () => {
  test('[H4] starting the same run again gives the process that is there', async () => {
    const run = await host.run(['cat']);
    const [first] = (await host.control.request('list', {})).runs;
    const body = { run, argv: ['cat'], cwd: '/', env: {}, cols: 80, rows: 24 };
    expect(await host.control.request('start', body)).toEqual({ pid: first?.pid, start: first?.start });
    expect((await host.control.request('list', {})).runs).toHaveLength(1);
    expect(first !== undefined && isAlive(first.pid, first.start)).toBe(true);
  });

  test('[H4] how a program ended stays on disk until the node has taken it', async () => {
    const run = await host.run(['sh', '-c', 'echo bye; exit 7']);
    expect(await host.exited(run)).toMatchObject({ code: 7, signal: null, bytes: 5 });
    expect(readExit(runDir(host.home, run))).toMatchObject({ code: 7, bytes: 5 });
    const [listed] = (await host.control.request('list', {})).runs;
    expect(listed?.exit).toMatchObject({ code: 7 });
    await host.control.request('reap', { run });
    expect((await host.control.request('list', {})).runs).toEqual([]);
  });

  test('[H4] nothing is told of a run after its end: who leaves it then changes nothing', async () => {
    const run = await host.run(['sh', '-c', 'read x']);
    const viewer = await host.view(run);
    const other = await host.view(run, { view: 'bytes', from: 0 });
    other.type('\r', 0);
    await host.exited(run);
    await viewer.until(() => viewer.closed);
    await other.until(() => other.closed);
    // Whatever was told before this is answered has arrived.
    await host.control.request('list', {});
    expect(host.events.at(-1)).toMatchObject({ type: 'exited', run });
  });

  test('[H4] an end is told though its last screen cannot be kept', async () => {
    const run = await host.run(['sh', '-c', 'read x; exit 3']);
    fs.mkdirSync(path.join(runDir(host.home, run), 'final.json', 'in-the-way'), { recursive: true });
    await host.control.request('signal', { run, signal: 'SIGHUP' });
    expect(await host.exited(run)).toMatchObject({ run });
  });

  test('[H7] a program that asks and does not read is kept few of its answers', async () => {
    const asks = `setInterval(() => {}, 60_000);
      process.stdin.setRawMode(true);
      process.stdout.write('\\x1b[c'.repeat(30000) + 'asked');
      process.on('SIGWINCH', () => {
        let got = 0;
        process.stdin.on('data', (told) => {
          got += told.length;
          if (told.includes('E')) process.stdout.write('got ' + got + '.');
        });
      });`;
    const run = await host.run([process.execPath, '-e', asks]);
    const bytes = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await bytes.until(() => bytes.output.endsWith('asked'));
    await host.control.request('screen', { run, form: 'text', history: 0 });
    const viewer = await host.view(run, { cols: 90, rows: 20 });
    await viewer.until(() => viewer.screens.length > 0);
    viewer.type('E', 0);
    await bytes.until(() => bytes.output.endsWith('.'));
    // With what the terminal itself holds; of 210,000.
    expect(Number(/got (\d+)/.exec(bytes.output)?.[1])).toBeLessThan(128 * 1024);
  });

  test('[H4] a signal reaches the whole process group, and its number is told', async () => {
    const run = await host.run(['sh', '-c', 'sleep 1000 & echo up; wait']);
    const viewer = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await viewer.until(() => viewer.output.includes('up'));
    expect(await host.control.request('signal', { run, signal: 'SIGKILL' })).toEqual({ sent: true });
    expect(await host.exited(run)).toMatchObject({ code: null, signal: 9 });
    expect(await host.control.request('signal', { run, signal: 'SIGKILL' })).toEqual({ sent: false });
  });

  test('[H4] the run is in the environment of its program', async () => {
    const run = await host.run(['sh', '-c', 'echo run=$SKEIN_RUN.']);
    await host.exited(run);
    const raw = fs.readFileSync(path.join(runDir(host.home, run), 'journal', '0000000000000000.raw'), 'utf8');
    expect(raw).toContain(`run=${run}.`);
  });

  test('[H1] a host takes 32 runs and refuses the next by name', async () => {
    for (let i = 0; i < RUNS_PER_HOST; i++) await host.run(['cat']);
    await expect(host.run(['cat'])).rejects.toMatchObject({ code: 'host_unavailable' });
  });

  test('[H1] a draining host refuses new runs and keeps those it has', async () => {
    const run = await host.run(['cat']);
    await host.control.request('drain', {});
    await expect(host.run(['cat'])).rejects.toMatchObject({ code: 'host_unavailable' });
    const [listed] = (await host.control.request('list', {})).runs;
    expect(listed?.run).toBe(run);
    expect(startTime(listed?.pid ?? 0)).toBe(listed?.start);
  });

  test('[H2] all output is kept when the program ends right after a burst', async () => {
    const run = await host.run(['sh', '-c', 'seq 1 100000; printf END']);
    const { bytes } = await host.exited(run);
    const reader = fs.readFileSync(
      path.join(runDir(host.home, run), 'journal', '0000000000000000.raw'),
      'latin1',
    );
    expect(reader.length).toBe(bytes);
    expect(reader.endsWith('100000\r\nEND')).toBe(true);
  });

  test('[H2] a full journal drops its oldest bytes and tells the gap', async () => {
    const limit = 8 * 1024 * 1024;
    const run = await host.run(['sh', '-c', 'seq 1 2000000; echo END; read x'], { journalBytes: limit });
    const follower = await host.view(run, {}, 'read');
    await follower.until(() => follower.shows('END'));
    const dir = path.join(runDir(host.home, run), 'journal');
    const kept = () => fs.readdirSync(dir).filter((n) => n.endsWith('.raw'));
    const size = () => {
      // One that is dropped between the listing and the look has no bytes.
      const sizes = kept().map((n) => fs.statSync(path.join(dir, n), { throwIfNoEntry: false })?.size ?? 0);
      return sizes.reduce((sum, one) => sum + one, 0);
    };
    const read = async () => {
      const reader = await host.view(run, { view: 'bytes', from: 0, follow: false }, 'read');
      await reader.until(() => reader.closed);
      return reader;
    };
    // What the emulator has not consumed is not dropped yet. Until all is dropped that will be, more may go while it is read,
    // which is another gap.
    let before = size();
    let late = await read();
    while (before > limit || before !== size()) {
      before = size();
      late = await read();
    }
    expect(late.gaps).toHaveLength(1);
    expect(late.gaps[0]?.from).toBe(0);
    expect(late.first).toBe(late.gaps[0]?.to);
    expect(late.output.endsWith('END\r\n')).toBe(true);
    expect(kept().length).toBeLessThanOrEqual(4);
  });

  test('[H5] an ended program leaves its last screen', async () => {
    const run = await host.run(['sh', '-c', 'printf "\\033[1mbold\\033[m last words"']);
    await host.exited(run);
    const final = JSON.parse(fs.readFileSync(path.join(runDir(host.home, run), 'final.json'), 'utf8')) as {
      text: string;
    };
    expect(final.text).toContain('bold last words');
  });

  test('[H4] [H5] programs that end just as their screens are put to disk have their ends told', async () => {
    const runs = await Promise.all(
      Array.from({ length: 24 }, () => host.run(['sh', '-c', 'echo up; exec cat'])),
    );
    const stored = (run: string) => fs.existsSync(path.join(runDir(host.home, run), 'screen'));
    // The moment is when the first of them is there: the others are on their way.
    while (!runs.some(stored)) await new Promise((resolve) => setImmediate(resolve));
    for (const run of runs) await host.control.request('signal', { run, signal: 'SIGKILL' });
    for (const run of runs) expect(await host.exited(run)).toMatchObject({ signal: 9 });
    for (const run of runs) expect(fs.existsSync(path.join(runDir(host.home, run), 'final.json'))).toBe(true);
  });
});
