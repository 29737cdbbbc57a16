/** The clipboard of whoever sits at the terminal, over whatever lies between (OSC 52). Pure. */

/** Bytes that are put there: terminals refuse more. */
const MOST = 512 * 1024;

export function toClipboard(text: string): { sequence: string; said: string } {
  const bytes = Buffer.from(text);
  const kept = bytes.subarray(0, MOST);
  const cut = kept.length < bytes.length ? `: the first ${kept.length} bytes of ${bytes.length}` : '';
  return { sequence: `\x1b]52;c;${kept.toString('base64')}\x07`, said: `Copied${cut}.` };
}
