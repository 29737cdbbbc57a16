/** The menu of sessions as a pure step: a key changes what is marked, chooses, or leaves. */
import type { KeyEvent } from '../../chat/input/decode.ts';

export interface Menu {
  count: number;
  marked: number;
}

export type Step = { kind: 'show'; menu: Menu } | { kind: 'chosen'; index: number } | { kind: 'left' };

/** Rows that a page key moves by. */
const PAGE = 10;

/** What was typed does, one key or several at a time; a paste, which nobody reads here, does nothing. */
export function press(menu: Menu, events: readonly KeyEvent[]): Step {
  let now = menu;
  for (const key of events.flatMap(keysOf)) {
    if (key === 'enter' || key === 'C-j') return { kind: 'chosen', index: now.marked };
    if (key === 'q' || key === 'C-c' || key === 'C-d' || key === 'escape') return { kind: 'left' };
    const digit = /^[1-9]$/.test(key) ? Number(key) : 0;
    if (digit > 0 && digit <= now.count) return { kind: 'chosen', index: digit - 1 };
    now = { ...now, marked: moved(now, key) };
  }
  return { kind: 'show', menu: now };
}

function keysOf(event: KeyEvent): string[] {
  if (event.type === 'text') return [...event.text];
  if (event.type !== 'key' || event.alt) return [];
  return [event.ctrl ? `C-${event.name}` : event.name];
}

function moved({ marked, count }: Menu, key: string): number {
  if (key === 'k' || key === 'up') return (marked + count - 1) % count;
  if (key === 'j' || key === 'down') return (marked + 1) % count;
  if (key === 'g' || key === 'home') return 0;
  if (key === 'G' || key === 'end') return count - 1;
  if (key === 'pageup') return Math.max(0, marked - PAGE);
  if (key === 'pagedown') return Math.min(count - 1, marked + PAGE);
  return marked;
}
