/** Ages, arguments and names as people read them, with nothing in them that a terminal obeys. */

/** `12s`, `3m`, `5h`, `9d`: how long ago, in one unit. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

/** An argument as a shell would need it, with nothing that a terminal obeys. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${visible(word).replaceAll("'", `'\\''`)}'`;
}

/** Control characters made visible, so that a listing cannot move the cursor. */
export function visible(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (c) =>
    c < ' ' ? `^${String.fromCharCode(c.charCodeAt(0) + 64)}` : '?',
  );
}
