/** What keys do in `skein top`: to its state, and beyond that by what it is given. */
import type { KeyEvent } from '../chat/input/decode.ts';
import { tableHeight } from './frame.ts';
import { SORTS } from './order.ts';
import type { TopRow } from './rows.ts';
import type { TopState } from './state.ts';

export interface TopDoing {
  quit(): void;
  open(row: TopRow): void;
  stop(row: TopRow): void;
  redraw(): void;
}

const FILTER_MOST = 200;

export function onKey(state: TopState, event: KeyEvent, doing: TopDoing): void {
  if (event.type === 'focus') return;
  state.notice = undefined;
  if (event.type === 'key' && event.ctrl && event.name === 'c') return doing.quit();
  if (event.type === 'key' && event.ctrl && event.name === 'l') return doing.redraw();
  if (state.mode.kind === 'filter') return filterKey(state, event);
  if (event.type === 'wheel') return move(state, Math.sign(event.lines));
  if (event.type === 'paste') return;
  if (event.type === 'key') return event.ctrl || event.alt ? undefined : one(state, event.name, doing);
  const [first = '', ...rest] = event.text;
  one(state, first, doing);
  // Who types fast sends several at once, of which the first may begin a filter.
  if (rest.length > 0) onKey(state, { type: 'text', text: rest.join('') }, doing);
}

function one(state: TopState, name: string, doing: TopDoing): void {
  const { mode, selected } = state;
  if (mode.kind === 'help') state.mode = { kind: 'list' };
  else if (mode.kind === 'stop') {
    state.mode = { kind: 'list' };
    if (name === 'y') doing.stop(mode.row);
  } else if (Object.hasOwn(SORTS, name)) state.sortBy(SORTS[name as keyof typeof SORTS]);
  else if (name === 'enter') selected !== undefined && doing.open(selected);
  else if (name === 'x') askToStop(state);
  else if (name === '/') state.mode = { kind: 'filter', before: state.kept.filter };
  else if (name === '?') state.mode = { kind: 'help' };
  else if (name === 'q') doing.quit();
  else if (name === 'escape') state.kept.filter === '' ? doing.quit() : state.filterBy('');
  else moved(state, name);
}

function askToStop(state: TopState): void {
  const { selected: row } = state;
  if (row === undefined) return;
  if (!row.mine) return state.tell('You may look on only there: an operator stops it.', true);
  if (['stopped', 'exited', 'failed'].includes(row.state))
    return state.tell(`${row.ref} does not run.`, true);
  state.mode = { kind: 'stop', row };
}

function moved(state: TopState, name: string): void {
  const page = tableHeight(state) - 1;
  const steps: Record<string, number> = {
    ...{ up: -1, k: -1, down: 1, j: 1, pageup: -page, pagedown: page },
    ...{ home: Number.NEGATIVE_INFINITY, g: Number.NEGATIVE_INFINITY, end: Infinity, G: Infinity },
  };
  if (Object.hasOwn(steps, name)) move(state, steps[name] ?? 0);
}

function move(state: TopState, by: number): void {
  state.select(state.at + by);
}

/** What is typed counts at once; escape brings back what was before. */
function filterKey(state: TopState, event: KeyEvent): void {
  if (state.mode.kind !== 'filter') return;
  const { filter } = state.kept;
  if (event.type === 'text' || event.type === 'paste')
    return state.filterBy((filter + event.text.replace(/\s+/g, ' ')).slice(0, FILTER_MOST));
  if (event.type !== 'key') return;
  const { name, ctrl } = event;
  if (name === 'escape') state.filterBy(state.mode.before);
  if (name === 'escape' || name === 'enter') state.mode = { kind: 'list' };
  else if (name === 'backspace') state.filterBy([...filter].slice(0, -1).join(''));
  else if (ctrl && name === 'u') state.filterBy('');
  else if (name === 'up' || name === 'down') move(state, name === 'up' ? -1 : 1);
}
