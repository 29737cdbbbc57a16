/** The menu of sessions as a pure step: a key changes what is marked or looked for, chooses, or leaves. */
import type { KeyEvent } from '../../chat/input/decode.ts';

export interface Menu {
  /** What each session is found by. */
  texts: readonly string[];
  /** Which of them is marked. */
  marked: number;
  /** What was typed to find some of them; undefined where nothing is looked for. */
  wanted: string | undefined;
  /** Whether what is typed goes on with that. */
  finding: boolean;
  /** Of those that are found: the first that is shown, and how many there is room for. */
  first: number;
  room: number;
}

export type Step = { kind: 'show'; menu: Menu } | { kind: 'chosen'; index: number } | { kind: 'left' };

/** Rows that a page key moves by. */
const PAGE = 10;
/** Characters that are looked for. */
const LONGEST = 64;

export function menuOf(texts: readonly string[], marked: number): Menu {
  return { texts, marked, wanted: undefined, finding: false, first: 0, room: texts.length };
}

/** Which sessions there are to choose from, in order. */
export function found({ texts, wanted = '' }: Menu): number[] {
  return [...texts.keys()].filter((i) => texts[i]?.toLowerCase().includes(wanted.toLowerCase()));
}

/** The same with so much room: what is marked is among what is shown. */
export function within(menu: Menu, room: number): Menu {
  const all = found(menu);
  const place = all.indexOf(menu.marked);
  return { ...menu, room, first: Math.min(Math.max(0, place - room + 1), Math.max(0, all.length - room)) };
}

/** What was typed does, one key or several at a time; a paste, which nobody reads here, does nothing. */
export function press(menu: Menu, events: readonly KeyEvent[]): Step {
  let now = menu;
  for (const { key, text } of events.flatMap(keysOf)) {
    if (key === 'enter' || key === 'C-j') {
      if (found(now).includes(now.marked)) return { kind: 'chosen', index: now.marked };
    } else if (key === 'C-c' || key === 'C-d') return { kind: 'left' };
    else if (key === 'escape' && now.wanted !== undefined)
      now = { ...now, wanted: undefined, finding: false };
    else if (now.finding && (text || key === 'backspace')) now = looking(now, key);
    else if (key === 'q' || key === 'escape') return { kind: 'left' };
    else if (key === '/') now = { ...now, wanted: '', finding: true };
    else {
      const index = numbered(now, key);
      if (index !== undefined) return { kind: 'chosen', index };
      now = { ...now, marked: moved(now, key) };
    }
  }
  return { kind: 'show', menu: now };
}

function keysOf(event: KeyEvent): { key: string; text: boolean }[] {
  if (event.type === 'text') return [...event.text].map((key) => ({ key, text: true }));
  if (event.type !== 'key' || event.alt) return [];
  return [{ key: event.ctrl ? `C-${event.name}` : event.name, text: false }];
}

/** Looks for what was typed and one character more, or less. */
function looking(menu: Menu, key: string): Menu {
  const { marked, wanted = '' } = menu;
  const typed = [...wanted];
  const now = {
    ...menu,
    wanted: (key === 'backspace' ? typed.slice(0, -1) : [...typed, key].slice(0, LONGEST)).join(''),
  };
  const all = found(now);
  // The newest of them, like that which is marked at first.
  return { ...now, marked: all.includes(marked) ? marked : (all.at(-1) ?? marked) };
}

/** Which one a number means, of those that are shown. */
function numbered(menu: Menu, key: string): number | undefined {
  if (!/^[1-9]$/.test(key) || Number(key) > menu.room) return undefined;
  return found(menu)[menu.first + Number(key) - 1];
}

function moved(menu: Menu, key: string): number {
  const all = found(menu);
  const last = all.length - 1;
  const at = all.indexOf(menu.marked);
  const to = () => {
    if (key === 'k' || key === 'up') return at <= 0 ? last : at - 1;
    if (key === 'j' || key === 'down') return at === last ? 0 : at + 1;
    if (key === 'g' || key === 'home') return 0;
    if (key === 'G' || key === 'end') return last;
    if (key === 'pageup') return Math.max(0, at - PAGE);
    if (key === 'pagedown') return Math.min(last, at + PAGE);
    return at;
  };
  return all[to()] ?? menu.marked;
}
