/** An event as a line for people: when, what, who, and its fields. */

import type { PlacedEvent } from '@skein/client/events';
import { WITHHELD } from '@skein/protocol/sessions/events';
import type { Paint } from '@skein/protocol/text/paint';
import { visible } from '@skein/protocol/text/words';
import { ownerCalled } from '../../output/owner.ts';

export function lineOf(
  event: Pick<PlacedEvent, 'offset' | 'at' | 'type' | 'by' | 'body'>,
  paint: Paint,
): string {
  const { offset, at, type, by, body } = event;
  const place = paint.dim(String(offset).padStart(6));
  // Of one that is not for this reader there is nothing to tell but that it is there; its hash is in --json.
  if (type === WITHHELD) return `${place}  ${paint.dim('not for you to see')}`;
  const when = new Date(at).toISOString().replace('T', ' ').slice(0, 23);
  const who = nameOf(by);
  const rest = [fields(body), ...(who === undefined ? [] : [paint.dim(`by ${visible(who)}`)])].join('  ');
  return `${place}  ${paint.dim(when)}  ${paint.bold(type)}  ${rest}`;
}

function fields(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  return Object.entries(body)
    .map(([name, value]) => `${name}=${visible(nameOf(value) ?? wordsOf(value))}`)
    .join(' ');
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What people call somebody who caused something; undefined for what is nobody. */
function nameOf(by: unknown): string | undefined {
  if (typeof by !== 'object' || by === null || !('kind' in by)) return undefined;
  if (by.kind === 'member' && 'name' in by && typeof by.name === 'string') return by.name;
  return by.kind === 'owner' && 'via' in by ? ownerCalled() : undefined;
}
