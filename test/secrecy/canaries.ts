/** Canaries: words that stand in every place where a person puts something, and that must be found in no relay. */
import { randomBytes } from 'node:crypto';
import { type Needle, needlesOf } from './needles.ts';

/** Where a canary is put; a letter more tells a reader which. */
const PLACES = [
  'session',
  'node',
  'device',
  'member',
  'path',
  'argument',
  'prompt',
  'input',
  'output',
  'title',
] as const;
export type Place = (typeof PLACES)[number];

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** All begin alike, so that one search finds any of them. */
export class Canaries {
  readonly mark = `cnry${Array.from(randomBytes(18), (byte) => LETTERS[byte % 26]).join('')}`;

  at(place: Place): string {
    return this.mark + place;
  }

  /** The canaries that do not stand in a text. */
  missingFrom(text: string): string[] {
    return PLACES.map((place) => this.at(place)).filter((canary) => !text.includes(canary));
  }

  /** What to look for: the canaries, and a ticket's secret and text. */
  needles(ticket: { text: string; secret: Uint8Array }): Needle[] {
    // A piece from the middle: the text's beginning is every ticket's, and where it is cut nobody knows.
    const piece = ticket.text.slice(40, 80);
    return [
      ...needlesOf('a canary', Buffer.from(this.mark), true),
      ...needlesOf("a ticket's secret", ticket.secret),
      ...needlesOf("a ticket's text", Buffer.from(piece), true),
    ];
  }
}
