/** The worker as the host uses it: offsets, snapshots, idle states, gaps, frames and their credit (H5, H6, H7). */

import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rowText } from '../screen/history.ts';
import { Screen } from '../screen/screen.ts';
import { loadState } from '../screen/state.ts';
import { seenScreen, wholeScreen } from '../testing/compare.ts';
import { Emulator } from './emulator.ts';

let home: string;
let emulator: Emulator;
let heard: Heard;

/** Collects events, and lets a test wait for one. */
class Heard {
  readonly events: unknown[][] = [];
  #waiting: (() => void)[] = [];

  readonly listen = (...event: unknown[]): void => {
    this.events.push(event);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  async until(found: (event: unknown[]) => boolean): Promise<unknown[]> {
    for (;;) {
      const event = this.events.find(found);
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'screen-'));
  heard = new Heard();
  const on =
    (name: string) =>
    (...rest: unknown[]) =>
      heard.listen(name, ...rest);
  emulator = new Emulator({
    events: {
      answers: on('answers'),
      frame: on('frame'),
      progress: on('progress'),
      gap: on('gap'),
      lost: on('lost'),
    },
  });
});

afterEach(async () => {
  await emulator.stop();
  rmSync(home, { recursive: true, force: true });
});

function journal(run: string): string {
  const dir = path.join(home, run);
  mkdirSync(dir, { recursive: true });
  return dir;
}

function segment(run: string, start: number, bytes: Uint8Array | string): void {
  writeFileSync(path.join(journal(run), `${String(start).padStart(16, '0')}.raw`), bytes);
}

async function open(run: string, offset = 0, statePath?: string) {
  const size = { cols: 40, rows: 10 };
  return emulator.open({
    run,
    dir: journal(run),
    ...size,
    offset,
    ...(statePath === undefined ? {} : { statePath }),
  });
}

const text = async (run: string, history = 0) =>
  Buffer.from((await emulator.snapshot(run, 'text', history)).data)
    .toString()
    .trimEnd();

test('[H5] a snapshot has every byte advanced before it was asked for, over several segments', async () => {
  const lines = Buffer.from(Array.from({ length: 30_000 }, (_, i) => `line ${i}\r\n`).join(''));
  segment('a', 0, lines.subarray(0, 100_000));
  segment('a', 100_000, lines.subarray(100_000, 200_001));
  segment('a', 200_001, lines.subarray(200_001));
  await open('a');
  emulator.advance('a', lines.length);
  const snapshot = await emulator.snapshot('a', 'text', 3);
  expect(snapshot).toMatchObject({ offset: lines.length, cols: 40, rows: 10 });
  const rows = Buffer.from(snapshot.data).toString().split('\n');
  expect(rows.slice(0, 4)).toEqual(['line 29988', 'line 29989', 'line 29990', 'line 29991']);
  expect(rows[11]).toBe('line 29999');
});

test('[H5] bytes past the advance are not touched, and a snapshot in the middle of a sequence is before it', async () => {
  segment('a', 0, 'hello\x1b[31mworld');
  await open('a');
  emulator.advance('a', 8);
  const early = await emulator.snapshot('a', 'state');
  expect(early.offset).toBe(5);
  expect(loadState(early.data).offset).toBe(5);
  emulator.advance('a', 15);
  expect(await text('a')).toBe('helloworld');
});

test('[H5] a resize acts at its byte, wherever the bytes stop', async () => {
  const before = 'x'.repeat(60);
  segment('a', 0, `${before}\r\n${'y'.repeat(60)}`);
  await open('a');
  emulator.resize('a', 62, 20, 5);
  emulator.advance('a', 122);
  const snapshot = await emulator.snapshot('a', 'state');
  const expected = new Screen({ cols: 40, rows: 10 });
  expected.write(Buffer.from(`${before}\r\n`));
  expected.resize(20, 5);
  expected.write(Buffer.from('y'.repeat(60)));
  expect(snapshot).toMatchObject({ cols: 20, rows: 5 });
  expect(wholeScreen(loadState(snapshot.data))).toEqual(wholeScreen(expected));
});

test('[H7] an answer names its run and the byte at which the query ended', async () => {
  segment('a', 0, 'ab\x1b[6n');
  segment('b', 0, `${'x'.repeat(70_000)}\x1b]11;?\x1b\\tail`);
  await Promise.all([open('a'), open('b')]);
  emulator.advance('b', 70_012);
  emulator.advance('a', 6);
  const told = (run: string) => heard.until((event) => event[0] === 'answers' && event[1] === run);
  expect((await told('a'))[2]).toEqual([{ offset: 6, text: '\x1b[1;3R' }]);
  expect((await told('b'))[2]).toEqual([{ offset: 70_008, text: '\x1b]11;rgb:0000/0000/0000\x1b\\' }]);
});

test('[H6] a program that wants reports of its size has the first at once, and one with each change', async () => {
  const asks = '\x1b[?2048h\x1b[?2048$p';
  segment('a', 0, `ab${asks}cd`);
  await open('a');
  emulator.advance('a', 2 + asks.length);
  await heard.until(([kind]) => kind === 'answers');
  emulator.resize('a', 2 + asks.length, 20, 5);
  emulator.resize('a', 2 + asks.length, 20, 5);
  emulator.resize('a', 4 + asks.length, 30, 6);
  emulator.advance('a', 4 + asks.length);
  await emulator.snapshot('a', 'text');
  const told = heard.events.flatMap(([kind, , answers]) => (kind === 'answers' ? answers : []));
  expect(told).toEqual([
    { offset: 10, text: '\x1b[48;10;40;0;0t' },
    { offset: 19, text: '\x1b[?2048;1$y' },
    { offset: 19, text: '\x1b[48;5;20;0;0t', unasked: true },
    { offset: 21, text: '\x1b[48;6;30;0;0t', unasked: true },
  ]);
});

test('[H5] an idle screen goes to disk for its owner only, and comes back as it was', async () => {
  segment('a', 0, '\x1b]2;name\x07\x1b[31mred\x1b[?1049hfull\x1b[3');
  const statePath = path.join(home, 'states', 'a');
  await open('a');
  emulator.advance('a', 32);
  const before = await emulator.snapshot('a', 'state');
  const offset = await emulator.idle('a', statePath);
  expect(offset).toBe(29);
  expect(emulator.running).toBe(false);
  expect(statSync(statePath).mode & 0o777).toBe(0o600);
  expect(await open('a', 0, statePath)).toEqual({ offset: 29, restored: true });
  const after = await emulator.snapshot('a', 'state');
  expect(wholeScreen(loadState(after.data))).toEqual(wholeScreen(loadState(before.data)));
  expect(after.modes).toMatchObject({ alternate: true, title: 'name' });
});

test('[H5] without a usable stored state, reading begins with the journal, and its sizes', async () => {
  segment('a', 10, `${'x'.repeat(30)}\r\n${'y'.repeat(30)}`);
  const sizes = [
    [10, 20],
    [42, 15],
  ].map(([o, cols]) => `${JSON.stringify({ o, t: 1, size: [cols, 5] })}\n`);
  writeFileSync(path.join(journal('a'), '0000000000000010.idx'), sizes.join(''));
  const statePath = path.join(home, 'bad');
  writeFileSync(statePath, 'not a state');
  expect(await open('a', 60, statePath)).toEqual({ offset: 10, restored: false });
  emulator.resize('a', 70, 30, 6);
  emulator.advance('a', 72);
  const expected = new Screen({ cols: 20, rows: 5 });
  expected.write(Buffer.from(`${'x'.repeat(30)}\r\n`));
  expected.resize(15, 5);
  expected.write(Buffer.from('y'.repeat(28)));
  expected.resize(30, 6);
  expected.write(Buffer.from('yy'));
  const { data } = await emulator.snapshot('a', 'state');
  expect(wholeScreen(loadState(data))).toEqual(wholeScreen(expected));
});

test('[H5] where the journal begins after the stored state ended, reading begins where the caller says', async () => {
  segment('a', 0, 'dropped, kept');
  expect(await open('a', 0, path.join(home, 'none'))).toEqual({ offset: 0, restored: false });
  emulator.close('a');
  expect(await open('b', 9, path.join(home, 'none'))).toEqual({ offset: 9, restored: false });
});

test('[H5] bytes that are not on disk come by message, and the journal goes on after them', async () => {
  segment('a', 0, 'disk ');
  await open('a');
  emulator.advance('a', 5);
  emulator.bytes('a', 5, Buffer.from('memory '));
  segment('a', 12, 'disk again');
  emulator.advance('a', 22);
  expect(await text('a')).toBe('disk memory disk again');
});

test('[H5] bytes that the journal dropped are a gap, and the screen goes on after it', async () => {
  segment('a', 0, 'old\x1b[3');
  segment('a', 100, 'new');
  await open('a');
  emulator.advance('a', 103);
  expect(await text('a')).toBe('oldnew');
  expect(heard.events).toContainEqual(['gap', 'a', 6, 100]);
});

test('[H6] a rendered viewer gets a frame, and another only after it consumed the first', async () => {
  segment('a', 0, `${'one'}${'two'}${'three'}`);
  await open('a');
  emulator.advance('a', 3);
  await emulator.snapshot('a', 'text');
  emulator.viewer('a', 'v', 20, 3);
  await heard.until((event) => event[0] === 'frame');
  for (const to of [6, 11]) {
    emulator.advance('a', to);
    await emulator.snapshot('a', 'text');
  }
  const frames = () => heard.events.filter((event) => event[0] === 'frame');
  expect(frames()).toHaveLength(1);
  emulator.frameConsumed('a', 'v');
  await heard.until((event) => event[0] === 'frame' && event !== frames()[0]);
  const viewer = new Screen({ cols: 20, rows: 3 });
  for (const [, , , data, offset] of frames()) {
    viewer.write(data as Uint8Array);
    expect(offset).toBe(data === frames()[0]?.[3] ? 3 : 11);
  }
  const first = viewer.core.buffers.active.lines.get(0);
  expect(first && rowText(first, 20)).toBe('onetwothree');
});

test('[H5] a painting made by the worker shows the screen', async () => {
  const program = '\x1b[?1049h\x1b[2;3H\x1b[1;32m日本\x1b[?25l\x1b[?1002;1006h';
  segment('a', 0, program);
  await open('a');
  emulator.advance('a', Buffer.byteLength(program));
  const { data, modes } = await emulator.snapshot('a', 'paint');
  expect(modes).toMatchObject({ mouse: 'drag', mouseEncoding: 'sgr', cursorVisible: false });
  const [viewer, expected] = [new Screen({ cols: 40, rows: 10 }), new Screen({ cols: 40, rows: 10 })];
  viewer.write(data);
  expected.write(Buffer.from(program));
  expect(seenScreen(viewer)).toEqual(seenScreen(expected));
});

test('[H5] the thread ends with its last run, and what waits is refused', async () => {
  expect(emulator.running).toBe(false);
  await Promise.all([open('a'), open('b')]);
  expect(emulator.running).toBe(true);
  emulator.close('a');
  expect(await text('b')).toBe('');
  const waiting = emulator.snapshot('b', 'text');
  emulator.close('b');
  await expect(waiting).rejects.toMatchObject({ code: 'gone' });
  expect(emulator.running).toBe(false);
  await expect(emulator.snapshot('b', 'text')).rejects.toMatchObject({ code: 'not_found' });
});

test('[H5] a state that cannot be stored leaves the run open', async () => {
  segment('a', 0, 'here');
  await open('a');
  emulator.advance('a', 4);
  writeFileSync(path.join(home, 'file'), '');
  await expect(emulator.idle('a', path.join(home, 'file', 'state'))).rejects.toMatchObject({
    code: 'internal',
  });
  expect(await text('a')).toBe('here');
});

test('[H5] what is passed over of a journal is not read, whether a state is there before it or not', async () => {
  const state = path.join(home, 'state');
  segment('a', 0, 'one ');
  await open('a');
  emulator.advance('a', 4);
  await emulator.idle('a', state);
  segment('a', 4, 'two ');
  segment('a', 8, 'three');
  const again = { run: 'a', dir: journal('a'), cols: 40, rows: 10, offset: 4, from: 8, statePath: state };
  for (const shown of ['one three', 'three']) {
    await emulator.open(again);
    emulator.advance('a', 13);
    expect(await text('a')).toBe(shown);
    emulator.close('a');
    rmSync(state, { force: true });
  }
});
