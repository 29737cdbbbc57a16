/** What is typed into a program: a prompt as a paste, and keys by their names. Pure. */

const ESCAPE = '\x1b';
const PASTE = { begin: `${ESCAPE}[200~`, end: `${ESCAPE}[201~` };
const NAMED: Record<string, string> = {
  Enter: '\r',
  Escape: ESCAPE,
  Tab: '\t',
  Space: ' ',
  Backspace: '\x7f',
  Up: `${ESCAPE}[A`,
  Down: `${ESCAPE}[B`,
  Right: `${ESCAPE}[C`,
  Left: `${ESCAPE}[D`,
};

/** The bytes of keys like `Enter`, `C-c`, `M-Enter` or a single character, parted by spaces; undefined when one is not known. */
export function keysOf(text: string): string | undefined {
  const keys = text.split(' ').map(keyOf);
  return keys.every((key) => key !== undefined) ? keys.join('') : undefined;
}

function keyOf(name: string): string | undefined {
  if (Object.hasOwn(NAMED, name)) return NAMED[name];
  const control = /^C-([a-z[\]\\])$/.exec(name)?.[1];
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
  const meta = /^M-(.+)$/.exec(name)?.[1];
  const under = meta === undefined ? undefined : keyOf(meta);
  if (under !== undefined) return `${ESCAPE}${under}`;
  return [...name].length === 1 && name > ' ' ? name : undefined;
}

/**
 * A text as a terminal pastes it, so that no line of it is taken for a command. What could end the paste early, or be a key,
 * is left out: of the control characters only tabs and line ends are text.
 */
export function paste(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n');
  const plain = lines.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
  return `${PASTE.begin}${plain}${PASTE.end}`;
}
