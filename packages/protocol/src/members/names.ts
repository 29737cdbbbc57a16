/** The names that people and devices give themselves: shown to others, so nothing that hides, moves or imitates layout. */
import * as z from 'zod';
import { MAX_NAME } from '../limits.ts';
import { cutTo } from '../text/cut.ts';
import { likeness } from '../text/likeness.ts';

/** What whoever reads calls themselves, the machine's user, and who is nobody's: no member goes by these. */
const NOT_MEMBERS = ['you', 'owner', 'its owner', 'its own user', 'the node', 'the agent', 'skein'];

/** A person's or a device's name: no control or format characters, no space at either end. */
export const givenName = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .regex(
    /^[^\p{C}\p{Z}]([^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?$/u,
    'must be a name of letters, digits and signs',
  );

/** What may be made a name of anything, such as a host's name or a user's: what is not allowed left out. */
export function asGivenName(text: string, otherwise: string): string {
  const clean = cutTo(text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim(), MAX_NAME).trim();
  return givenName.safeParse(clean).success ? clean : otherwise;
}

/** `alice`, `alice-2`, `alice-3` …: the first that nobody has, or is read as having. */
export function freeGivenName(wish: string, taken: ReadonlySet<string>): string {
  const like = new Set([...taken, ...NOT_MEMBERS].map(likeness));
  for (let i = 1; ; i++) {
    const tail = i === 1 ? '' : `-${i}`;
    const name = cutTo(wish, MAX_NAME - tail.length) + tail;
    if (!like.has(likeness(name))) return name;
  }
}
