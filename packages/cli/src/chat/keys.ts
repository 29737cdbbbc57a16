/** What each key does. */

import { answerKey } from './answer-keys.ts';
import { optionKey } from './asked.ts';
import { browseKey, searchFrom } from './browse-keys.ts';
import { parseCommand } from './input/commands.ts';
import type { KeyEvent } from './input/decode.ts';
import {
  type Editor,
  EMPTY,
  insert,
  left,
  lineEnd,
  lineStart,
  paste,
  removeTo,
  right,
  vertical,
  withText,
  wordLeft,
  wordRight,
} from './input/editor.ts';
import type { ChatState } from './state.ts';

/** What keys bring about beyond the screen. */
export interface Doing {
  submit(): void;
  /** Answers what people are asked. */
  say(question: string, answer: string): void;
  cancelTurn(): void;
  answer(
    approval: string,
    answer: 'allow' | 'deny' | { option: string },
    always: boolean,
    reason?: string,
  ): void;
  copy(text: string): void;
  quit(): void;
  suspend(): void;
  redraw(): void;
  now(): number;
  /** Rows of the transcript that are on the screen. */
  height(): number;
}

type Key = Extract<KeyEvent, { type: 'key' }>;

export function onKey(state: ChatState, event: KeyEvent, doing: Doing): void {
  if (event.type === 'wheel') return wheel(state, event, doing);
  if (event.type === 'focus') return;
  if (state.notice !== undefined && event.type !== 'paste') state.notice = undefined;
  if (event.type === 'key' && everywhere(state, event, doing)) return;
  switch (state.mode.kind) {
    case 'help':
      return helpKey(state, event);
    case 'line':
      return lineKey(state, event, doing);
    case 'browse':
      return browseKey(state, event, doing);
    case 'write':
      if (answerKey(state, event, doing) || optionKey(state, event, doing)) return;
      return writeKey(state, event, doing);
  }
}

function wheel(state: ChatState, { lines }: Extract<KeyEvent, { type: 'wheel' }>, doing: Doing): void {
  if (state.mode.kind === 'help') state.mode = { kind: 'help', row: Math.max(0, state.mode.row + lines) };
  else if (state.agent !== undefined) state.pane(state.agent.agent).scroll(lines, doing.height());
}

/** Keys that do the same wherever one is. */
function everywhere(state: ChatState, { name, ctrl, alt, shift }: Key, doing: Doing): boolean {
  const pane = state.agent === undefined ? undefined : state.pane(state.agent.agent);
  const height = doing.height();
  if (ctrl && name === 'c') interrupt(state, doing);
  else if (ctrl && name === 'l') doing.redraw();
  else if (ctrl && name === 'z') doing.suspend();
  else if (ctrl && name === 'o') pane?.toggleAll();
  else if (ctrl && name === 's') state.split = !state.split;
  else if (ctrl && name === 'f') state.mode = { kind: 'line', what: 'search', text: '' };
  else if (ctrl && name === 'n') state.cycle(1);
  else if (ctrl && name === 'p') state.cycle(-1);
  else if (alt && /^[1-9]$/.test(name)) {
    const agent = state.agents[Number(name) - 1];
    if (agent !== undefined) state.focus(agent.agent);
  } else if (name === 'tab' && state.menuItems.length === 0) state.cycle(shift ? -1 : 1);
  else if (name === 'pageup') pane?.scroll(-Math.max(1, height - 2), height);
  else if (name === 'pagedown') pane?.scroll(Math.max(1, height - 2), height);
  else if (ctrl && name === 'home') pane?.toStart();
  else if (ctrl && name === 'end' && pane !== undefined) pane.anchor = 'end';
  else return false;
  return true;
}

/** What is written goes first, then the turn, then the chat. */
function interrupt(state: ChatState, doing: Doing): void {
  if (state.mode.kind !== 'write') state.mode = { kind: 'write' };
  else if (state.editor.text !== '' || state.editing !== undefined) {
    state.editor = EMPTY;
    state.editing = undefined;
    state.past = 0;
  } else if (state.agent?.turn != null && !state.agent.turn.cancelling && state.may('operator'))
    doing.cancelTurn();
  else doing.quit();
}

function helpKey(state: ChatState, event: KeyEvent): void {
  if (state.mode.kind !== 'help' || event.type === 'paste') return;
  const name = event.type === 'key' ? event.name : event.type === 'text' ? event.text : '';
  if (name === 'down' || name === 'j') state.mode = { kind: 'help', row: state.mode.row + 1 };
  else if (name === 'up' || name === 'k') state.mode = { kind: 'help', row: Math.max(0, state.mode.row - 1) };
  else state.mode = { kind: 'write' };
}

/** A line at the bottom that asks for words. */
function lineKey(state: ChatState, event: KeyEvent, doing: Doing): void {
  const { mode } = state;
  if (mode.kind !== 'line') return;
  if (event.type === 'text' || event.type === 'paste') {
    const text = (mode.text + event.text.replace(/\s+/g, ' ')).slice(0, 1000);
    state.mode = { ...mode, text };
    if (mode.what === 'search') searchFrom(state, text, 0, doing);
    return;
  }
  if (event.type !== 'key') return;
  if (event.name === 'escape') state.mode = { kind: mode.what === 'search' ? 'browse' : 'write' };
  else if (event.name === 'backspace') state.mode = { ...mode, text: [...mode.text].slice(0, -1).join('') };
  else if (event.ctrl && event.name === 'u') state.mode = { ...mode, text: '' };
  else if (event.name === 'enter' && mode.what === 'search') {
    if (mode.text !== state.query) searchFrom(state, mode.text, 0, doing);
    state.mode = { kind: 'browse' };
  } else if (event.name === 'enter') {
    state.mode = { kind: 'write' };
    if (mode.approval !== undefined) doing.answer(mode.approval, 'deny', false, mode.text.trim());
  }
}

function writeKey(state: ChatState, event: KeyEvent, doing: Doing): void {
  if (!state.may('operator')) {
    if (event.type === 'key' && event.name === 'escape') state.mode = { kind: 'browse' };
    else if (event.type === 'key' && event.ctrl && event.name === 'd') doing.quit();
    else if (event.type !== 'focus' && event.type !== 'wheel')
      state.tell(`You may look on only, as ${state.presence.role}; esc looks around, ctrl-c leaves.`, true);
    return;
  }
  const before = state.editor.text;
  if (event.type === 'text') {
    state.typedAt = doing.now();
    state.editor = insert(state.editor, event.text);
  } else if (event.type === 'paste') state.editor = paste(state.editor, event.text);
  else if (event.type === 'key') key(state, event, doing);
  if (state.editor.text !== before) state.menu = 0;
}

function key(state: ChatState, event: Key, doing: Doing): void {
  if (menuKey(state, event)) return;
  const { name, ctrl, alt, shift } = event;
  if (name === 'enter' && !alt && !shift && !ctrl) {
    const { text, cursor } = state.editor;
    // A backslash at the end of the line asks for another, on terminals that have no key for it.
    if (text.charAt(cursor - 1) === '\\') {
      state.editor = insert(removeTo(state.editor, left(state.editor)), '\n');
      return;
    }
    return doing.submit();
  }
  if (name === 'enter' || (ctrl && name === 'j')) state.editor = insert(state.editor, '\n');
  else if (name === 'escape') state.mode = { kind: 'browse' };
  else if (ctrl && name === 'd') {
    if (state.editor.text === '') doing.quit();
    else state.editor = removeTo(state.editor, right(state.editor));
  } else if ((name === 'up' || name === 'down') && !ctrl && !alt) upDown(state, name === 'up' ? -1 : 1);
  else state.editor = edited(state.editor, event) ?? state.editor;
}

/** The list of commands: chosen from, taken, put away. */
function menuKey(state: ChatState, { name }: Key): boolean {
  const items = state.menuItems;
  const item = items[Math.min(state.menu, items.length - 1)];
  if (item === undefined) return false;
  if (name === 'up') state.menu = (state.menu - 1 + items.length) % items.length;
  else if (name === 'down') state.menu = (state.menu + 1) % items.length;
  else if (name === 'escape') state.menuClosed = state.editor.text;
  else if (name === 'tab') state.editor = withText(item.text);
  else if (name === 'enter' && state.editor.text.trim() !== item.text.trim()) {
    state.editor = withText(item.text);
    // One of ours that is whole is done at once; the agent's own may take words that nobody knows.
    const whole = state.menuItems.every(({ text }) => text.trim() === item.text.trim());
    return !whole || parseCommand(item.text) === undefined;
  } else return false;
  return true;
}

function edited(e: Editor, { name, ctrl, alt }: Key): Editor | undefined {
  if (ctrl || alt) {
    const word = { left: wordLeft, right: wordRight, b: wordLeft, f: wordRight }[name];
    if (word !== undefined && (alt || name === 'left' || name === 'right')) return word(e);
  }
  if (ctrl)
    switch (name) {
      case 'a':
        return lineStart(e);
      case 'e':
        return lineEnd(e);
      case 'b':
        return left(e);
      case 'k':
        return removeTo(e, lineEnd(e));
      case 'u':
        return removeTo(e, lineStart(e));
      case 'w':
        return removeTo(e, wordLeft(e));
      default:
        return undefined;
    }
  switch (name) {
    case 'left':
      return left(e);
    case 'right':
      return right(e);
    case 'home':
      return lineStart(e);
    case 'end':
      return lineEnd(e);
    case 'backspace':
      return removeTo(e, alt ? wordLeft(e) : left(e));
    case 'delete':
      return removeTo(e, right(e));
    case 'd':
      return alt ? removeTo(e, wordRight(e)) : undefined;
    default:
      return undefined;
  }
}

/** A line up or down; from the first and the last, through one's own prompts. */
function upDown(state: ChatState, step: 1 | -1): void {
  const moved = vertical(state.editor, step);
  if (moved !== undefined) {
    state.editor = moved;
    return;
  }
  const { mine } = state.model;
  const past = state.past - step;
  if (past < 0 || past > mine.length) return;
  if (state.past === 0) state.draft = state.editor;
  state.past = past;
  state.editor = past === 0 ? state.draft : withText(mine[mine.length - past] ?? '');
}
