/** Viewers of a real host with real programs (rules C2, H1, H3, H5–H7). */

import { frame, HostFrame } from '@skein/protocol/host/frames';
import { LANE_WINDOW, MAX_VIEWER_FRAME } from '@skein/protocol/limits';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestHost, TestViewer } from './fixture.ts';

let host: TestHost;
beforeEach(async () => {
  host = await TestHost.start();
});
afterEach(async () => {
  await host.stop();
});

describe('attaching', () => {
  test('[H5] paints the present screen at once, then follows', async () => {
    const run = await host.run(['sh', '-c', 'printf "one\\ntwo\\n"; read x; echo got $x; read y']);
    const early = await host.view(run);
    await early.until(() => early.shows('two'));
    const late = await host.view(run);
    await late.until(() => late.screens.length > 0);
    expect(late.screens[0]?.text).toContain('one');
    expect(late.output).toBe('');
    late.type('hello\r', 0);
    await late.until(() => late.output.includes('got hello'));
    await early.until(() => early.output.includes('got hello'));
  });

  test('[H5] two viewers get the same bytes at the same offsets, and a third from offset 0 ends equal', async () => {
    const run = await host.run(['sh', '-c', 'read x; seq 1 20000; read y']);
    const one = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    const two = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    const typist = await host.view(run);
    typist.type('\r', 0);
    const done = (v: TestViewer) => v.until(() => v.output.includes('\n20000\r\n'));
    await Promise.all([done(one), done(two)]);
    const three = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await done(three);
    expect(two.output).toBe(one.output);
    expect(three.output).toBe(one.output);
    expect(one.misplaced + two.misplaced + three.misplaced).toBe(0);
  });

  test('[H5] a viewer that asks for bytes without following is told where they end', async () => {
    const run = await host.run(['sh', '-c', 'echo done; read x']);
    const watcher = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await watcher.until(() => watcher.output.includes('done\r\n'));
    const reader = await host.view(run, { view: 'bytes', from: 2, follow: false }, 'read');
    await reader.until(() => reader.closed);
    expect(reader.output).toBe('ne\r\n');
    expect(reader.exit?.offset).toBe(6);
  });
});

describe('input', () => {
  test('[H3] what is sent twice is typed once, and a gap is refused', async () => {
    const run = await host.run(['cat']);
    const viewer = await host.view(run, { attachment: 'me' });
    await viewer.until(() => viewer.screens.length > 0);
    viewer.type('ab', 0);
    viewer.type('ab', 0);
    viewer.type('bc\r', 1);
    await viewer.until(() => viewer.accepted === 4 && viewer.output.split('\n').length > 2);
    expect(viewer.output).toBe('abc\r\nabc\r\n');
    viewer.close();
    const again = await host.view(run, { attachment: 'me' });
    expect(again.welcome?.accepted).toBe(4);
    again.type('xx', 9);
    await again.until(() => again.closed);
    expect(again.error).toMatchObject({ code: 'bad_request', data: { accepted: 4 } });
  });

  test('[H3] what was taken is told in the same breath as its echo', async () => {
    const run = await host.run(['cat']);
    const viewer = await host.view(run, { attachment: 'me' });
    await viewer.until(() => viewer.screens.length > 0);
    for (let typed = 1; typed <= 20; typed++) {
      viewer.type('k', typed - 1);
      await viewer.until(() => viewer.output.length === typed);
      expect(viewer.accepted).toBe(typed);
    }
  });

  test('[H1] a right to read does not let anybody type, and a right is good once', async () => {
    const run = await host.run(['cat']);
    const reader = await host.view(run, {}, 'read');
    reader.type('x', 0);
    await reader.until(() => reader.closed);
    expect(reader.error?.code).toBe('not_allowed');
    const token = await host.token(run);
    const first = new TestViewer(host.socket, { token });
    await first.until(() => first.welcome !== undefined);
    const second = new TestViewer(host.socket, { token });
    await second.until(() => second.closed);
    expect(second.error?.code).toBe('right_invalid');
    first.close();
  });

  test('[C5] nonsense, a huge frame and an unknown version are refused by name', async () => {
    const huge = frame(HostFrame.HELLO, new Uint8Array(0));
    new DataView(huge.buffer).setUint32(0, 0xffffffff);
    const cases: [Record<string, unknown>, Uint8Array | undefined, string][] = [
      [{ versions: [99] }, undefined, 'unsupported_version'],
      [{ token: 'nobody gave this' }, undefined, 'right_invalid'],
      [{ key: 'nor this' }, undefined, 'right_invalid'],
      [{ versions: 'none' }, undefined, 'bad_frame'],
      [{}, undefined, 'right_invalid'],
    ];
    for (const [hello, , code] of cases) {
      const stranger = new TestViewer(host.socket, hello);
      await stranger.until(() => stranger.closed);
      expect(stranger.error?.code).toBe(code);
    }
    const run = await host.run(['cat']);
    const viewer = await host.view(run);
    viewer.send(huge);
    await viewer.until(() => viewer.closed);
    expect(viewer.error).toMatchObject({ code: 'frame_too_large' });
    expect(viewer.error?.message).toContain(String(MAX_VIEWER_FRAME));
  });
});

describe('sizes', () => {
  test('[H6] the size follows whoever typed last; the other is shown frames and never resizes anybody', async () => {
    const run = await host.run([
      'sh',
      '-c',
      'trap "stty size" WINCH; echo ready; while :; do read x && stty size; done',
    ]);
    const small = await host.view(run, { cols: 80, rows: 24 });
    await small.until(() => small.shows('ready'));
    const large = await host.view(run, { cols: 120, rows: 40 });
    await large.until(() => large.screens.length > 0);
    expect(large.screens[0]).toMatchObject({ mode: 'frames', cols: 80, rows: 24 });
    await large.until(() => large.frames > 0);
    large.type('\r', 0);
    await small.until(() => small.screens.some((s) => s.mode === 'frames'));
    await large.until(() => large.screens.some((s) => s.mode === 'raw'));
    await large.until(() => large.shows('40 120'));
    small.type('\r', 0);
    await small.until(() => small.shows('24 80'));
  });

  test('[H6] a program that goes by reports of its size alone is given them, though who attaches has a terminal without', async () => {
    const run = await host.run(['sh', '-c', 'stty raw -echo; printf "\\033[?2048hready"; exec cat -v']);
    const program = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    const told = (size: string) => program.output.split(`^[[48;${size};0;0t`).length - 1;
    const small = await host.view(run, { cols: 80, rows: 24 });
    await small.until(() => small.shows('ready'));
    small.type('a', 0);
    await program.until(() => program.output.includes('a'));
    const large = await host.view(run, { cols: 120, rows: 40 });
    await large.until(() => large.screens.length > 0);
    large.type('b', 0);
    await program.until(() => told('40;120') === 1);
    const before = told('24;80');
    small.type('c', 1);
    await program.until(() => told('24;80') === before + 1);
    large.type('d', 1);
    await program.until(() => told('40;120') === 2);
  });
});

describe('queries', () => {
  test('[H7] with nobody attached the emulator answers', async () => {
    const ask = 'stty raw -echo; printf "\\033[c"; dd bs=1 count=3 2>/dev/null | od -An -c; read x';
    const run = await host.run(['sh', '-c', ask]);
    const viewer = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await viewer.until(() => viewer.output.includes('033   [   ?'));
  });

  test('[H7] who types while a long clipboard write goes on is not shown the rest of it as text', async () => {
    const long =
      "printf '\\033]52;c;'; head -c 20000 /dev/zero | tr '\\0' A; read y; read z; printf 'BBBB\\007after'";
    const run = await host.run(['sh', '-c', `stty -echo; echo ready; read x; ${long}; read end`]);
    const [one, two] = [await host.view(run), await host.view(run)];
    await Promise.all([one, two].map((viewer) => viewer.until(() => viewer.shows('ready'))));
    one.type('\n', 0);
    await two.until(() => two.output.length > 20_000);
    expect(two.output).not.toContain('A');
    const shown = two.screens.length;
    two.type('\n', 0);
    await two.until(() => two.screens.length > shown);
    two.type('\n', 1);
    await two.until(() => two.output.includes('after'));
    expect(two.output.replaceAll('\0', '')).toMatch(/^\x1b\]52;c;A+BBBB\x07after$/);
  });

  test('[H7] of several viewers only the one that typed sees the query', async () => {
    const run = await host.run(['sh', '-c', 'read x; printf "A\\033[cB\\033]52;c;aGk=\\007C"; read y']);
    const typist = await host.view(run);
    const other = await host.view(run);
    await Promise.all([
      typist.until(() => typist.screens.length > 0),
      other.until(() => other.screens.length > 0),
    ]);
    typist.type('\r', 0);
    await typist.until(() => typist.output.includes('C'));
    await other.until(() => other.output.includes('C'));
    expect(typist.output).toContain('A\x1b[cB');
    expect(other.output).not.toContain('\x1b[c');
    expect(other.output).not.toContain('52;c');
    expect(other.output).toContain('A\0\0\0B');
    expect(other.next).toBe(typist.next);
  });
});

describe('slow viewers', () => {
  test('[C2] a frozen viewer is sent one window and holds up nobody; it goes on without loss', async () => {
    const run = await host.run([
      'sh',
      '-c',
      'read x; head -c 3000000 /dev/zero | tr "\\0" z; echo; echo END; read y',
    ]);
    const frozen = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    frozen.consume = false;
    const typist = await host.view(run);
    const reader = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    typist.type('\r', 0);
    await reader.until(() => reader.output.endsWith('END\r\n'));
    const sent = frozen.output.length;
    expect(sent).toBeLessThanOrEqual(LANE_WINDOW + 128 * 1024);
    frozen.consume = true;
    frozen.consumed(frozen.next);
    await frozen.until(() => frozen.output.endsWith('END\r\n'));
    expect(frozen.output).toBe(reader.output);
  });

  test('[H5] a viewer of the screen that falls far behind skips to a fresh one', async () => {
    const run = await host.run(['sh', '-c', 'read x; seq 1 600000; echo LAST; read y']);
    const slow = await host.view(run, {}, 'read');
    await slow.until(() => slow.screens.length > 0);
    slow.consume = false;
    const reader = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    const typist = await host.view(run);
    typist.type('\r', 0);
    await reader.until(() => reader.output.endsWith('LAST\r\n'));
    slow.consume = true;
    slow.consumed(slow.next);
    await slow.until(() => slow.screens.some((s) => s.why === 'behind' && s.text.includes('LAST')));
    expect(slow.output.length).toBeLessThan(reader.output.length / 2);
  });

  test('[H5] one who looks on is sent no more of a flood than anybody reads, however fast it takes it', async () => {
    const run = await host.run(['sh', '-c', 'read x; seq 1 2000000; echo LAST; read y']);
    const looker = await host.view(run, {}, 'read');
    const typist = await host.view(run);
    await looker.until(() => looker.screens.length > 0);
    await typist.until(() => typist.screens.length > 0);
    const began = performance.now();
    typist.type('\r', 0);
    await looker.until(
      () => looker.screens.at(-1)?.text.includes('LAST') || looker.output.endsWith('LAST\r\n'),
    );
    await typist.until(() => typist.output.endsWith('LAST\r\n'));
    const slots = Math.ceil((performance.now() - began) / 100) + 2;
    // A share, and the piece that goes beyond it.
    expect(looker.output.length).toBeLessThan(slots * (256 + 64) * 1024);
    expect(typist.output.length).toBeGreaterThan(14_000_000);
  });
});
