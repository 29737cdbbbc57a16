/** What is shown of a program whose screen was set aside, because the emulator made no end of its output (H1, H5). */
import { NORMAL_SCREEN } from '../terminal/reset.ts';
import type { Form, Taken } from './screen-events.ts';

const LINES = [
  'Skein shows no screen of this program any more:',
  'what it printed brought the emulator to a stop.',
  'The program goes on. `skein output` has what it prints.',
];

/** As a snapshot of that kind at `offset`; `size` is the program's, or that of a viewer who is shown frames. */
export function unseen(kind: Form, offset: number, { cols, rows }: { cols: number; rows: number }): Taken {
  const text =
    kind === 'paint' ? `${NORMAL_SCREEN}\x1b[H\x1b[2J${LINES.join('\r\n')}\r\n` : `${LINES.join('\n')}\n`;
  return { offset, cols, rows, data: Buffer.from(text), modes: { applicationCursor: false } };
}
