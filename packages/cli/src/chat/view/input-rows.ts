/** The line or lines at the bottom that are written in. */
import { editorRows } from '../input/editor.ts';
import { cleanLine } from '../model/clean.ts';
import { BOLD, CYAN, DIM, MAGENTA, type Row, span } from '../model/style.ts';
import { columns, fitted } from '../model/width.ts';
import type { ChatState } from '../state.ts';

const PROMPT_MARK = '❯ ';

export interface InputView {
  rows: Row[];
  cursor: { x: number; y: number } | undefined;
}

export function inputRows(state: ChatState, cols: number, height: number): InputView {
  const { mode } = state;
  if (mode.kind === 'line') {
    const label = mode.what === 'search' ? 'search: ' : 'no, because: ';
    const text = fitted(cleanLine(mode.text), Math.max(1, cols - label.length - 1));
    return {
      rows: [[span(label, MAGENTA | BOLD), span(text)]],
      cursor: { x: Math.min(cols - 1, label.length + columns(text)), y: 0 },
    };
  }
  if (!state.may('operator') && mode.kind === 'write') {
    const text = `you may look on${state.may('approver') ? ' and answer' : ''}, as ${state.presence.role}`;
    return { rows: [[span(PROMPT_MARK, DIM), span(fitted(text, cols - 2), DIM)]], cursor: undefined };
  }
  const { rows, row, column } = editorRows(state.editor, Math.max(4, cols - 3), height);
  const dim = mode.kind === 'write' ? 0 : DIM;
  const mark = state.editing === undefined ? PROMPT_MARK : '✎ ';
  const out = rows.map(
    (text, i): Row => [
      span(i === 0 ? mark : '  ', mode.kind === 'write' ? CYAN | BOLD : DIM),
      span(text, dim),
    ],
  );
  if (state.editor.text === '' && mode.kind === 'write') {
    const hint =
      state.attachments.length === 0
        ? 'write to the agent; / for commands'
        : `with ${state.attachments.join(', ')}`;
    out[0] = [span(mark, CYAN | BOLD), span(fitted(cleanLine(hint), Math.max(1, cols - 3)), DIM)];
  }
  return { rows: out, cursor: mode.kind === 'write' ? { x: 2 + column, y: row } : undefined };
}
