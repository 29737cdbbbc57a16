/** What a parser of command lines found wrong, in the form of every other error. */

/** One sentence: without the parser's prefix, on one line, with a capital and a full stop. */
export function usageSentence(message: string): string {
  const lines = message
    .trim()
    .split('\n')
    .map((line) => line.replace(/^error: /, '').trim())
    .filter((line) => line !== '');
  const text = lines.join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? '' : '.'}`;
}
