/** Bounds on what a program can make xterm.js do and keep: one thread and one heap serve all the programs of a host (H1, H5). */

import type { Terminal } from '@xterm/headless';
import { COMBINED, type InternalLine, internalsOf } from '../screen/internals.ts';
import { boundLinks } from '../screen/links.ts';

/**
 * Each of these does its work once a count, which may be 2 147 483 647. By more lines or columns than there are nothing
 * changes further; but a repeated character would run on, where VTE and tmux stop at the line's end.
 */
const COUNTED = [
  ['scrollUp', 'rows'],
  ['scrollDown', 'rows'],
  ['insertLines', 'rows'],
  ['deleteLines', 'rows'],
  ['cursorForwardTab', 'cols'],
  ['cursorBackwardTab', 'cols'],
  ['repeatPrecedingCharacter', 'cols'],
] as const;

/** Characters of a title that are kept: no window has room for more. */
const TITLE_MAX = 1024;

/** Characters (UTF-16) of one cell from which on it takes no more marks: more is no text. */
const MARKS_MAX = 16;

export function boundTerminal(terminal: Terminal): void {
  const core = internalsOf(terminal);
  const handler = core._inputHandler;
  for (const [name, most] of COUNTED) {
    const act = handler[name].bind(handler);
    handler[name] = (params) => {
      params.params[0] = Math.min(params.params[0] ?? 0, terminal[most]);
      return act(params);
    };
  }
  for (const name of ['setTitle', 'setIconName'] as const) {
    const set = handler[name].bind(handler);
    handler[name] = (text) => set(text.length > TITLE_MAX ? copied(text.slice(0, TITLE_MAX)) : text);
  }
  boundMarks(core.buffers.normal.getBlankLine(handler._curAttrData));
  boundLinks(core);
}

/** A part of a string keeps the whole in memory; a copy does not. */
function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

const bounded = new WeakSet<object>();

/** Lines come and go: what bounds their marks is in their class. */
function boundMarks(line: InternalLine): void {
  const lines = Object.getPrototypeOf(line) as InternalLine;
  if (bounded.has(lines)) return;
  bounded.add(lines);
  const add = lines.addCodepointToCell;
  lines.addCodepointToCell = function (this: InternalLine, index, code, width) {
    // What a cell had before it was written anew lies there still, without the flag.
    const full =
      ((this._data[index * 3] ?? 0) & COMBINED) !== 0 && (this._combined[index]?.length ?? 0) >= MARKS_MAX;
    if (!full) add.call(this, index, code, width);
  };
}
