/** What the emulator answers to queries that xterm.js leaves open, so that no program waits for a terminal that is not there (H7). */

import type { Terminal } from '@xterm/headless';
import { asChannels, PALETTE } from '../screen/colours.ts';
import { type ExtraModes, SIZE_REPORTS } from '../screen/extra-modes.ts';
import { internalsOf } from '../screen/internals.ts';

/** The colours reported when no terminal is attached: a plain dark theme. */
const FOREGROUND = 0xd0d0d0;
const BACKGROUND = 0x000000;

/** The first sixteen palette colours, as xterm has them. */
const BASE_PALETTE = [
  0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000,
  0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
];

/** The colour of a palette entry: sixteen names, a 6×6×6 cube, a grey ramp. */
function paletteColour(index: number): number {
  if (index < 16) return BASE_PALETTE[index] ?? 0;
  if (index >= 232) return (8 + 10 * (index - 232)) * 0x010101;
  const level = (value: number) => (value === 0 ? 0 : 55 + 40 * value);
  const cube = index - 16;
  return (level(Math.floor(cube / 36)) << 16) | (level(Math.floor(cube / 6) % 6) << 8) | level(cube % 6);
}

/** As X11 writes it, with sixteen bits a channel: `rgb:d0d0/d0d0/d0d0`. */
function spec(colour: number): string {
  const channels = [16, 8, 0].map((shift) =>
    ((colour >> shift) & 0xff).toString(16).padStart(2, '0').repeat(2),
  );
  return `rgb:${channels.join('/')}`;
}

/** The size as a program that set mode 2048 is told of it. How many pixels that is nobody knows here, which 0 says. */
export function sizeReport({ cols, rows }: { cols: number; rows: number }): string {
  return `\x1b[48;${rows};${cols};0;0t`;
}

/** Registers the answers. They leave through xterm.js's own data event, in order with its own. */
export function addAnswers(terminal: Terminal, modes: () => ExtraModes): void {
  const { parser } = terminal;
  const core = internalsOf(terminal);
  const answer = (text: string): true => {
    core.coreService.triggerDataEvent(text);
    return true;
  };
  const dynamic = [FOREGROUND, BACKGROUND, FOREGROUND];
  for (const first of [10, 11, 12]) {
    parser.registerOscHandler(first, (data) => {
      // Several specs in one sequence speak of the following numbers: OSC 10;?;? asks for 10 and 11.
      data.split(';', dynamic.length).forEach((part, i) => {
        const colour = dynamic[first - 10 + i];
        const own = asChannels(modes().colours?.[first + i]);
        if (part === '?' && colour !== undefined) answer(`\x1b]${first + i};${own ?? spec(colour)}\x1b\\`);
      });
      return true;
    });
  }
  parser.registerOscHandler(4, (data) => {
    const parts = data.split(';', 2 * PALETTE);
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const index = Number(parts[i]);
      if (parts[i + 1] === '?' && /^\d+$/.test(parts[i] ?? '') && index < PALETTE) {
        const own = asChannels(modes().colours?.[`4;${index}`]);
        answer(`\x1b]4;${index};${own ?? spec(paletteColour(index))}\x1b\\`);
      }
    }
    return true;
  });
  // Cursor position: xterm.js reports a column past the last one while a wrap is pending.
  const position = (prefix: string) => (params: (number | number[])[]) => {
    if (params[0] !== 6) return false;
    const { cursorX, cursorY } = terminal.buffer.active;
    return answer(`\x1b[${prefix}${cursorY + 1};${Math.min(cursorX, terminal.cols - 1) + 1}R`);
  };
  parser.registerCsiHandler({ final: 'n' }, position(''));
  parser.registerCsiHandler({ prefix: '?', final: 'n' }, position('?'));
  // Dark or light, as kitty, ghostty and contour say it.
  parser.registerCsiHandler(
    { prefix: '?', final: 'n' },
    (params) => params[0] === 996 && answer('\x1b[?997;1n'),
  );
  parser.registerCsiHandler({ prefix: '?', final: 'h' }, (params) => {
    if (params.length === 1 && params[0] === SIZE_REPORTS) answer(sizeReport(terminal));
    return false; // it is a mode, too
  });
  parser.registerCsiHandler(
    { prefix: '?', intermediates: '$', final: 'p' },
    (params) => params[0] === SIZE_REPORTS && answer(`\x1b[?2048;${modes().private[SIZE_REPORTS] ? 1 : 2}$y`),
  );
  parser.registerCsiHandler({ prefix: '=', final: 'c' }, () => answer('\x1bP!|00000000\x1b\\'));
  parser.registerCsiHandler({ prefix: '>', final: 'q' }, () => answer('\x1bP>|skein\x1b\\'));
  parser.registerDcsHandler({ intermediates: '+', final: 'q' }, () => answer('\x1bP0+r\x1b\\'));
}
