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

/** What a terminal obeys or what turns the order of letters round: control characters, line separators, bidirectional marks. */
const OBEYED = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** The same, but for ends of lines, tabs, and the colours that Skein itself uses (see paint.ts). */
const OBEYED_IN_LINES =
  /\x1b\[(?:1|2|22|31|32|33|39)m|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Control characters made visible, so that a listing cannot move the cursor. */
export function visible(text: string): string {
  return text.replace(OBEYED, shown);
}

/** Lines that were made to be printed, with nothing in them that a terminal obeys but our own colours. */
export function harmless(lines: string): string {
  return lines.replace(OBEYED_IN_LINES, (found) => (found.length > 1 ? found : shown(found)));
}

/** The same of lines that somebody else has written: they have no colours of ours. */
export function visibleLines(lines: string): string {
  return lines.replace(OBEYED_IN_LINES, (found) => `${shown(found.slice(0, 1))}${found.slice(1)}`);
}

function shown(c: string): string {
  return c < ' ' ? `^${String.fromCharCode(c.charCodeAt(0) + 64)}` : '?';
}
