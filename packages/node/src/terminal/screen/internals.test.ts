/** Holds what is read behind xterm.js's public interface to the version that is installed. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import { designatorOf } from './charsets.ts';
import { Screen } from './screen.ts';

test('[H5] xterm.js is the version whose inside is known', () => {
  const main = createRequire(import.meta.url).resolve('@xterm/headless');
  const manifest = path.join(path.dirname(main), '..', 'package.json');
  expect(JSON.parse(readFileSync(manifest, 'utf8')).version).toBe('6.0.0');
});

test('[H5] everything that is read behind the public interface is where it was', () => {
  const screen = new Screen({ cols: 10, rows: 3 });
  const { core } = screen;
  const states: number[] = [];
  for (const text of ['a', '\x1b[', '1m', '\x1b]0;', 'x\x07']) {
    core._inputHandler.parse(Buffer.from(text));
    states.push(core._inputHandler._parser.currentState);
  }
  expect(states).toEqual([0, 3, 0, 8, 0]);
  screen.write(Buffer.from('\r\x1b[31;44;4:3me\u0301\x1b[2;3r\x1b(0'));
  const line = core.buffers.active.lines.get(0);
  expect(line?._data.subarray(0, 3)).toEqual(Uint32Array.of((1 << 22) | (1 << 21), 0x19000001, 0x11000004));
  expect(line?._combined[0]).toBe('e\u0301');
  expect(line?._extendedAttrs[0]).toMatchObject({ _ext: 3 << 26, _urlId: 0 });
  expect(core.buffers.active).toMatchObject({
    scrollTop: 1,
    scrollBottom: 2,
    ybase: 0,
    savedX: 0,
    savedY: 0,
  });
  expect(core.buffers.active.tabs).toEqual({ 0: true, 8: true });
  expect(core._charsetService).toMatchObject({ glevel: 0 });
  expect(designatorOf(core._charsetService.charset)).toBe('0');
  expect(core.coreService.decPrivateModes.wraparound).toBe(true);
  expect(core.coreMouseService).toMatchObject({ activeProtocol: 'NONE', activeEncoding: 'DEFAULT' });
});

test('[M3] a veiled resize brings back nothing that had left the screen, neither by height nor by width', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i} ${'x'.repeat(30)}`).join('\r\n');
  const shown = (veiled: boolean) => {
    const screen = new Screen({ cols: 10, rows: 8 });
    screen.write(Buffer.from(lines));
    screen.resize(100, 8, veiled);
    screen.resize(100, 30, veiled);
    const { lines: all, ybase } = screen.core.buffers.active;
    return Array.from({ length: 30 }, (_, y) =>
      String.fromCodePoint(
        ...[...(all.get(ybase + y)?._data ?? [])]
          .filter((_, i) => i % 3 === 0)
          .map((word) => word & 0x1fffff || 32),
      ),
    ).join('\n');
  };
  expect(shown(false)).toContain('line 20');
  expect(shown(true)).not.toContain('line 37');
  expect(shown(true)).toContain('line 39');
});
