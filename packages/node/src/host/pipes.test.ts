/** Programs on pipes: started once, fed once, heard whole, and ended whatever they do (rules H1, H3, H4). */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findByEnvironment, isAlive, startTime } from '../platform/process.ts';
import { clearRun } from '../sessions/orphans.ts';
import { TestHost } from './fixture.ts';
import { readExit, runDir } from './run-files.ts';

const MiB = 1024 * 1024;
/** What was killed takes a moment to be gone. */
const SOON = { timeout: 5000, interval: 5 };

let host: TestHost;
beforeEach(async () => {
  host = await TestHost.start();
});
afterEach(async () => {
  await host.stop();
});

const node = (script: string) => [process.execPath, '-e', script];

describe('a program on pipes', () => {
  test('[H1] [H4] has no terminal, leads a group of its own, and is started once', async () => {
    const run = await host.pipe([
      'sh',
      '-c',
      'test -t 0 || test -t 1 || test -t 2 || echo none; echo $SKEIN_RUN $$ $(ps -o pgid= -p $$); cat',
    ]);
    const driver = await host.drive(run);
    await driver.until(() => driver.output.split('\n').length > 2);
    const [info] = (await host.control.request('list', {})).runs;
    if (info === undefined) throw new Error('it is not listed');
    expect(info).toMatchObject({ run, kind: 'pipe', stderr: '', exit: null });
    expect(driver.output).toMatch(new RegExp(`^none\n${run} ${info.pid} +${info.pid}\n$`));
    const body = { run, kind: 'pipe' as const, argv: ['cat'], cwd: '/', env: {} };
    expect(await host.control.request('start', body)).toEqual({ pid: info.pid, start: info.start });
  });

  test('[H3] that ends by what it reads has it acknowledged first', async () => {
    for (let n = 0; n < 10; n++) {
      const driver = await host.drive(await host.pipe(['sh', '-c', 'read x']));
      driver.type('go\n', 0);
      await driver.until(() => driver.closed);
      expect([driver.exit?.code, driver.accepted]).toEqual([0, 3]);
    }
  });

  test('[H1] is never shown as a screen, and has no size', async () => {
    const run = await host.pipe(['cat']);
    const viewer = await host.view(run, { view: 'screen' });
    expect(viewer.error).toMatchObject({ code: 'not_a_terminal' });
    const refused = { code: 'not_a_terminal' };
    await expect(host.control.request('screen', { run, form: 'text', history: 0 })).rejects.toMatchObject(
      refused,
    );
    await expect(host.control.request('resize', { run, cols: 10, rows: 10 })).rejects.toMatchObject(refused);
    const driver = await host.drive(run);
    expect(driver.welcome).toMatchObject({ cols: 0, rows: 0, accepted: 0, role: 'write' });
  });

  test('[H3] input cut anywhere, repeated and sent on by the next connection, arrives once; output goes on where it was', async () => {
    const cuts = fc.array(fc.record({ back: fc.nat(5000), size: fc.nat(9000), leave: fc.boolean() }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40_000 }), cuts, async (input, plan) => {
        const run = await host.pipe(['cat']);
        let output = Buffer.alloc(0);
        let driver = await host.drive(run);
        let sent = 0;
        for (const { back, size, leave } of plan) {
          const from = Math.max(0, sent - back);
          const piece = input.subarray(from, Math.min(input.length, sent + size));
          driver.input(piece, from);
          sent = Math.max(sent, from + piece.length);
          if (!leave) continue;
          const got = Buffer.from(driver.output, 'latin1');
          driver.close();
          output = Buffer.concat([output, got]);
          driver = await host.drive(run, output.length);
          sent = driver.welcome?.accepted ?? 0;
        }
        driver.accepted = Math.max(driver.accepted, driver.welcome?.accepted ?? 0);
        await driver.feed(input, sent);
        await driver.until(() => output.length + driver.output.length >= input.length);
        expect(driver.misplaced).toBe(0);
        expect(Buffer.concat([output, Buffer.from(driver.output, 'latin1')])).toEqual(Buffer.from(input));
        driver.endInput(input.length);
        expect(await host.exited(run)).toMatchObject({ code: 0, signal: null, bytes: input.length });
        await host.control.request('reap', { run });
      }),
      { numRuns: 25 },
    );
  });

  test('[H3] a prompt of 8 MiB goes in and comes out, whole', async () => {
    const input = randomBytes(8 * MiB);
    const run = await host.pipe(['cat']);
    const driver = await host.drive(run);
    const parts: Buffer[] = [];
    driver.collect = false;
    driver.heard = (_, bytes) => parts.push(Buffer.from(bytes));
    await driver.feed(input);
    await driver.until(() => driver.next === input.length);
    expect(driver.accepted).toBe(input.length);
    expect(Buffer.concat(parts).equals(input)).toBe(true);
  });

  test('[H3] input that is not read is refused past its queue, and goes on from what was accepted', async () => {
    const run = await host.pipe(
      node(`process.on('SIGUSR2', () => process.stdin.pipe(process.stdout)); console.log('up');
        setInterval(() => {}, 1000)`),
    );
    const driver = await host.drive(run);
    await driver.until(() => driver.output === 'up\n');
    const input = 'x'.repeat(3 * MiB);
    for (let at = 0; at < input.length; at += 65536) driver.type(input.slice(at, at + 65536), at);
    await driver.until(() => driver.closed);
    expect(driver.error).toMatchObject({ code: 'mailbox_full' });
    const again = await host.drive(run, 3);
    const accepted = again.welcome?.accepted ?? 0;
    expect(accepted).toBeGreaterThanOrEqual(15 * 65536);
    expect(accepted).toBeLessThan(2 * MiB);
    await host.control.request('signal', { run, signal: 'SIGUSR2' });
    await again.until(() => again.output.length === accepted);
    again.accepted = accepted;
    await again.feed(Buffer.from(input), accepted);
    await again.until(() => again.output.length === input.length);
    expect(again.output).toBe(input);
  });

  test('[H3] a gap in the input is refused by name', async () => {
    const run = await host.pipe(['cat']);
    const driver = await host.drive(run);
    driver.type('later', 5);
    await driver.until(() => driver.closed);
    expect(driver.error).toMatchObject({ code: 'bad_request', data: { accepted: 0 } });
  });

  test('[H3] a program that closes its input harms nobody: what is sent to it is taken and forgotten', async () => {
    const run = await host.pipe(['sh', '-c', 'exec 0<&-; echo closed; exec sleep 1000']);
    const other = await host.pipe(['cat']);
    const driver = await host.drive(run);
    await driver.until(() => driver.output === 'closed\n');
    const input = Buffer.alloc(2 * MiB);
    await driver.feed(input);
    expect(driver.accepted).toBe(input.length);
    const second = await host.drive(other);
    second.type('still here', 0);
    await second.until(() => second.output === 'still here');
    expect(driver.exit).toBeUndefined();
  });

  test('[H3] its input can be ended, behind all that was sent', async () => {
    const run = await host.pipe(['cat']);
    const driver = await host.drive(run);
    const input = Buffer.alloc(100_000, 'y');
    for (let at = 0; at < input.length; at += 50_000) driver.input(input.subarray(at, at + 50_000), at);
    driver.endInput(input.length);
    expect(await host.exited(run)).toMatchObject({ code: 0, bytes: input.length });
    const reader = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await reader.until(() => reader.closed);
    expect(reader.output).toBe(String(input));
  });

  test('[H4] one that cannot be started is refused, and leaves nothing', async () => {
    await expect(host.pipe(['/no/such/program'])).rejects.toMatchObject({ code: 'start_failed' });
    expect((await host.control.request('list', {})).runs).toEqual([]);
  });

  test('[H4] one that ends at once and prints nothing has ended, and is told of later', async () => {
    const run = await host.pipe(['true']);
    expect(await host.exited(run)).toMatchObject({ code: 0, signal: null, bytes: 0, stderr: '' });
    const driver = await host.drive(run);
    await driver.until(() => driver.closed);
    expect(driver.exit).toEqual({ code: 0, signal: null, offset: 0 });
  });

  test('[H4] all that was printed right before the end is told before it', async () => {
    const run = await host.pipe(['sh', '-c', 'seq 1 200000; echo oh no >&2; exit 3']);
    const driver = await host.drive(run);
    await driver.until(() => driver.closed);
    await host.exited(run);
    expect(driver.output.endsWith('\n200000\n')).toBe(true);
    expect(driver.misplaced).toBe(0);
    expect(driver.exit).toEqual({ code: 3, signal: null, offset: driver.output.length });
    expect(readExit(runDir(host.home, run))).toMatchObject({ code: 3, stderr: 'oh no\n' });
    const [info] = (await host.control.request('list', {})).runs;
    expect(info).toMatchObject({ stderr: 'oh no\n', exit: { code: 3, stderr: 'oh no\n' } });
  });

  test('[H4] one that dies by a signal says which', async () => {
    const run = await host.pipe(['sh', '-c', 'kill -SEGV $$']);
    expect(await host.exited(run)).toMatchObject({ code: null, signal: 11 });
  });

  test('[H4] one that closes its stdout and lives on is still running', async () => {
    const run = await host.pipe(['sh', '-c', 'echo bye; exec 1>&- 2>&-; read x; exit 4']);
    const driver = await host.drive(run);
    await driver.until(() => driver.output === 'bye\n');
    const [info] = (await host.control.request('list', {})).runs;
    expect(info?.exit).toBeNull();
    driver.type('now\n', 0);
    expect(await host.exited(run)).toMatchObject({ code: 4, bytes: 4 });
  });

  test('[H4] those that it leaves behind in its group are hung up on', async () => {
    const run = await host.pipe(['sh', '-c', 'sleep 1000 & echo $!']);
    const driver = await host.drive(run);
    await driver.until(() => driver.closed);
    await expect.poll(() => startTime(Number(driver.output)), SOON).toBeUndefined();
  });

  test('[H4] one that is not to be hung up on does not keep the run from ending, however much it prints', async () => {
    const quiet = await host.pipe(['sh', '-c', 'trap "" HUP; sleep 1000 & echo quiet']);
    const loud = await host.pipe(['sh', '-c', 'trap "" HUP; yes & echo loud']);
    const driver = await host.drive(quiet);
    await driver.until(() => driver.closed);
    expect(driver.output).toBe('quiet\n');
    expect(await host.exited(loud)).toMatchObject({ code: 0 });
    // The node does the rest.
    clearRun(quiet);
    clearRun(loud);
  });

  test('[H2] stderr is read to the end whoever reads, and its last 4 KiB are told', async () => {
    const run = await host.pipe(
      node(`for (let i = 0; i < 400; i++) require('fs').writeSync(2, 'e'.repeat(65536));
        require('fs').writeSync(2, 'é'.repeat(3000) + ' the end')`),
    );
    const { code, bytes, stderr } = await host.exited(run);
    expect({ code, bytes }).toEqual({ code: 0, bytes: 0 });
    expect(stderr).toMatch(/^é+ the end$/);
    expect(Buffer.byteLength(stderr ?? '')).toBeGreaterThan(4092);
  });

  test('[H4] a signal reaches the whole group, and nothing of it lives on', async () => {
    const run = await host.pipe(['sh', '-c', 'sleep 1000 & echo up; wait']);
    const driver = await host.drive(run);
    await driver.until(() => driver.output === 'up\n');
    const [info] = (await host.control.request('list', {})).runs;
    expect(await host.control.request('signal', { run, signal: 'SIGKILL' })).toEqual({ sent: true });
    expect(await host.exited(run)).toMatchObject({ code: null, signal: 9 });
    expect(isAlive(info?.pid ?? 0, info?.start ?? '')).toBe(false);
    await expect.poll(() => findByEnvironment('SKEIN_RUN', run), SOON).toEqual([]);
  });
});
