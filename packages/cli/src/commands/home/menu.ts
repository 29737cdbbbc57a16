/** The menu of sessions as a pure step: a key changes what is marked, chooses, or leaves. */

export interface Menu {
  count: number;
  marked: number;
}

export type Step = { kind: 'show'; menu: Menu } | { kind: 'chosen'; index: number } | { kind: 'left' };

/** What a key does. Keys are as a terminal sends them, one or several at a time. */
export function press(menu: Menu, keys: string): Step {
  let now = menu;
  for (const [key] of keys.matchAll(/\x1b\[[A-Z]|\x1bO[A-Z]|[\s\S]/g)) {
    if (key === '\r' || key === '\n') return { kind: 'chosen', index: now.marked };
    if (key === 'q' || key === '\x03' || key === '\x04' || key === '\x1b') return { kind: 'left' };
    const digit = /^[1-9]$/.test(key) ? Number(key) : 0;
    if (digit > 0 && digit <= now.count) return { kind: 'chosen', index: digit - 1 };
    now = { ...now, marked: moved(now, key) };
  }
  return { kind: 'show', menu: now };
}

function moved({ marked, count }: Menu, key: string): number {
  const arrow = key.startsWith('\x1b') ? key.at(-1) : undefined;
  if (key === 'k' || arrow === 'A') return (marked + count - 1) % count;
  if (key === 'j' || arrow === 'B') return (marked + 1) % count;
  if (key === 'g' || arrow === 'H') return 0;
  if (key === 'G' || arrow === 'F') return count - 1;
  return marked;
}
