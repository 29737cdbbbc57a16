/** What others have said, made fit to be shown: nothing in it moves the cursor, turns letters round or has a width in doubt. */
import { visible } from '@skein/protocol/text/words';
import { PlainText } from '../../output/plain-text.ts';

const TAB = '    ';
/** What has no width of its own and joins or turns what stands beside it; emoji joined by it are as wide as each terminal likes. */
const UNSEEN = /\p{Cf}|\ufe0e|\ufe0f/gu;
const HARMLESS = /^[\x20-\x7e\n]*$/;

/** Text of several lines: ends of lines stay, tabs become spaces, other controls are made visible. */
export function clean(text: string): string {
  if (HARMLESS.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replaceAll('\t', TAB)
    .replace(UNSEEN, '')
    .split('\n')
    .map(visible)
    .join('\n');
}

/** The same in one line. */
export function cleanLine(text: string): string {
  // A run of blanks is looked at once, from its first: a long one without a line feed would else take a square of time.
  return clean(text).replace(/(?<!\s)\s*\n\s*/g, ' ');
}

/** What a program has printed: its sequences are gone, and each line is as it stood when it was left. */
export function cleanOutput(text: string): string {
  if (HARMLESS.test(text)) return text;
  const plain = new PlainText();
  return clean(plain.push(text) + plain.end());
}
