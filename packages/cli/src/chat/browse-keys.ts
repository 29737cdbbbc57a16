/** Looking around in the transcript: moving, unfolding, copying, searching. */
import type { KeyEvent } from './input/decode.ts';
import type { Doing } from './keys.ts';
import type { Pane } from './model/pane.ts';
import { findBlock, findRow, plainText } from './model/search.ts';
import type { ChatState } from './state.ts';

export function browseKey(state: ChatState, event: KeyEvent, doing: Doing): void {
  const { agent } = state;
  const name = event.type === 'key' ? event.name : event.type === 'text' ? event.text : '';
  if (agent === undefined || name === 'escape' || name === 'i') return leave(state);
  const pane = state.pane(agent.agent);
  const blocks = state.blocks(agent.agent);
  const height = doing.height();
  const last = blocks.length - 1;
  const chosen = Math.min(pane.chosen ?? last, last);
  const choose = (index: number) => {
    pane.chosen = Math.max(0, Math.min(last, index));
    pane.reveal(pane.chosen, height);
    if (pane.chosen === last) pane.anchor = 'end';
  };
  const block = blocks[chosen];
  switch (name) {
    case 'j':
    case 'down':
      return choose(pane.chosen === undefined ? last : chosen + 1);
    case 'k':
    case 'up':
      return choose(pane.chosen === undefined ? last : chosen - 1);
    case 'g':
    case 'home':
      pane.chosen = 0;
      return pane.toStart();
    case 'G':
    case 'end':
      pane.chosen = last;
      pane.anchor = 'end';
      return;
    case ' ':
    case 'space':
      return pane.scroll(Math.max(1, height - 2), height);
    case 'b':
      return pane.scroll(-Math.max(1, height - 2), height);
    case 'e':
      return pane.scroll(1, height);
    case 'y':
      return pane.scroll(-1, height);
    case 'enter':
      if (block !== undefined) pane.toggle(block);
      if (pane.anchor !== 'end') pane.reveal(chosen, height);
      return;
    case 'o':
      return pane.toggleAll();
    case 'c':
      if (block !== undefined) doing.copy(plainText(block));
      return;
    case '/':
      state.mode = { kind: 'line', what: 'search', text: '' };
      return;
    case 'n':
      return searchFrom(state, state.query, 1, doing);
    case 'N':
      return searchFrom(state, state.query, -1, doing);
    case '?':
      state.mode = { kind: 'help', row: 0 };
      return;
    case 'q':
      return doing.quit();
    default:
      return;
  }
}

function leave(state: ChatState): void {
  if (state.agent !== undefined) {
    const pane = state.pane(state.agent.agent);
    pane.chosen = undefined;
    pane.anchor = 'end';
  }
  state.query = '';
  state.mode = { kind: 'write' };
}

/** Goes to the words: from where one is backwards (0: what is looked at included), or on to the next ones. */
export function searchFrom(state: ChatState, query: string, step: 0 | 1 | -1, doing: Doing): void {
  const { agent } = state;
  state.query = query;
  if (agent === undefined || query === '') return;
  const pane = state.pane(agent.agent);
  const blocks = state.blocks(agent.agent);
  const at = pane.chosen ?? blocks.length - 1;
  // `n` goes on in the direction of the first search: back in time.
  const found = findBlock(blocks, query, step === 0 ? at + 1 : at, step === -1 ? 1 : -1);
  const block = found === undefined ? undefined : blocks[found];
  if (found === undefined || block === undefined) return state.tell(`Nothing says "${query}".`, true);
  reveal(pane, found, query, doing.height(), () => pane.toggle(block));
}

function reveal(pane: Pane, index: number, query: string, height: number, unfold: () => void): void {
  pane.chosen = index;
  let row = findRow(pane.rowsAt(index), query);
  if (row < 0 || !shows(pane, index, query)) {
    unfold();
    if (shows(pane, index, query)) row = findRow(pane.rowsAt(index), query);
    else unfold();
  }
  pane.reveal(index, height, Math.max(0, row - 2));
}

function shows(pane: Pane, index: number, query: string): boolean {
  const wanted = query.toLowerCase();
  const text = pane
    .rowsAt(index)
    .map((row) => row.map(({ text }) => text).join(''))
    .join('\n');
  return text.toLowerCase().includes(wanted);
}
