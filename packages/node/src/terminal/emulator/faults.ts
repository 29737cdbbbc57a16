/** Faults of xterm.js 6.0.0 that programs meet, mended through its own hooks. */

import type { Terminal } from '@xterm/headless';
import { internalsOf } from '../screen/internals.ts';

export function mendFaults(terminal: Terminal): void {
  const core = internalsOf(terminal);
  const { parser } = terminal;

  // `CSI 1 J` with the cursor in the last column of the last row throws, for want of a row below. There it erases all.
  const eraseAbove = (respectProtect: boolean) => (params: (number | number[])[]) => {
    const { active } = core.buffers;
    const last = active.x + 1 >= terminal.cols && active.lines.get(active.ybase + active.y + 1) === undefined;
    if (params[0] !== 1 || !last) return false;
    return core._inputHandler.eraseInDisplay({ params: [2] }, respectProtect);
  };
  parser.registerCsiHandler({ final: 'J' }, eraseAbove(false));
  parser.registerCsiHandler({ prefix: '?', final: 'J' }, eraseAbove(true));

  // A full reset leaves these as they were.
  parser.registerEscHandler({ final: 'c' }, () => {
    core.coreService.isCursorHidden = false;
    core.optionsService.options.convertEol = false;
    core.optionsService.options.cursorBlink = false;
    return false;
  });
}
