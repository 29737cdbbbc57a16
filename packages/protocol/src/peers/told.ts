/**
 * What another node tells this one about itself, checked before anything is done with it: that node may be anybody's, and
 * what it says is remembered here and shown in this user's terminal (rules C5, K5).
 */
import { SkeinError } from '../errors.ts';
import { type ListedSession, listedSession } from '../sessions/asks.ts';
import { type MemberReplies, memberReplies } from '../sessions/commands.ts';

/** Sessions of one node that are listed, and characters of what each runs: a listing shows less. */
const MAX_LISTED = 1_000;
const MAX_SHOWN = 1_000;
/** Characters of a node's whole listing: many nodes must fit into one answer. */
const MAX_LISTING = 128 * 1024;

const listed = listedSession.extend({ argv: listedSession.shape.argv.transform(shortened) });

/** The reply to a ticket. Throws `bad_frame`. */
export function redeemedByFar(told: unknown): MemberReplies['ticket.redeem'] {
  const { success, data } = memberReplies['ticket.redeem'].safeParse(told);
  if (!success) throw new SkeinError('bad_frame', 'What that node answers to the ticket makes no sense.');
  return data;
}

/** The sessions that a node says it has, those that make sense, as far as they have room. Throws `bad_frame`. */
export function listedByFar(told: unknown): ListedSession[] {
  if (!Array.isArray(told))
    throw new SkeinError('bad_frame', 'What that node says of its sessions makes no sense.');
  const all: ListedSession[] = [];
  let room = MAX_LISTING;
  for (const one of told.slice(0, MAX_LISTED)) {
    const { success, data } = listed.safeParse(one);
    if (!success) continue;
    room -= JSON.stringify(data).length;
    if (room < 0) break;
    all.push(data);
  }
  return all;
}

/** The ids of all sessions that a node tells of, of those too that make no sense or had no room. */
export function idsByFar(told: readonly unknown[]): string[] {
  return told.flatMap((one) => {
    const { id } = (one ?? {}) as { id?: unknown };
    return typeof id === 'string' ? [id] : [];
  });
}

/** As many arguments as have room, the last of them cut. */
function shortened(argv: string[]): string[] {
  let room = MAX_SHOWN;
  const kept: string[] = [];
  for (const word of argv) {
    if (room <= 0) break;
    kept.push(word.slice(0, room));
    room -= word.length + 1;
  }
  return kept;
}
