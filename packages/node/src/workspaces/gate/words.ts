/**
 * What agents are told when a write is refused: who holds it, until when, and what to do now; or what has changed (rules W2, W3).
 * Every way of enforcing says it in these words. Pure.
 */
import { unified } from '@skein/protocol/text/unified';
import type { Holder } from '@skein/protocol/workspaces/holder';
import { typedPath } from '@skein/protocol/workspaces/patterns';

/** Characters of a message: what an event of it may hold (`claim.refused`), less some for an agent's own frame. */
const MOST = 4_000;
/** Paths that are named, and characters of each. */
const NAMED = 5;
const PATH = 300;

/** A holder as people find it, and what it does with the paths. */
export interface Who {
  does: 'claims' | 'claims for its turn' | 'writes' | 'waits';
  holder: Holder;
  /** The name of its session; null for a person, or where that is not known. */
  session: string | null;
  /** Milliseconds from now until its lease ends; null where it has none. */
  left: number | null;
}

export function heldWords(paths: readonly string[], who: Who): string {
  const { holder } = who;
  return whole(
    `Not written: ${listed(paths)} ${isOrAre(paths)} ${doneBy(who)}. `,
    `Work on something else meanwhile; or wait for it, in a shell: ${claimCommand(paths)}`,
    holder.kind === 'run' && holder.agent !== null
      ? `; or ask whoever has it: skein prompt ${calledBy(who)} '…'`
      : '',
  );
}

/** Of another workspace than the writer's own. `path` is absolute. */
export function elsewhereWords(path: string, workspace: string, who: Who): string {
  return whole(
    `Not written: ${shown(path)} lies in the workspace "${workspace}", which is not yours, and is ${doneBy(who)}. `,
    'Write in your own, or work on something else meanwhile.',
  );
}

/** Two names of one file, of which the other is claimed. */
export function linkedWords(path: string, other: string, who: Who): string {
  return whole(
    `Not written: ${shown(path)} is the same file as ${shown(other)} (a hard link), which is ${doneBy(who)}. `,
    `Work on something else meanwhile; or wait for it, in a shell: ${claimCommand([other])}`,
  );
}

export function strictWords(paths: readonly string[], workspace: string): string {
  const whom = paths.length === 1 ? 'is not' : 'are not';
  return whole(
    `Not written: in the workspace "${workspace}" a file is claimed before it is written, and ${listed(paths)} ${whom}. `,
    `Claim it first, in a shell: ${claimCommand(paths)}`,
  );
}

/** `message`: as home has refused it. */
export function homeHeldWords(message: string): string {
  return whole(
    `Not written: ${message.replace(/ Wait for it with --wait, or choose other paths\.$/, '')} `,
    'Work on something else meanwhile.',
  );
}

/** Claims are its home's to give, and that cannot be asked. */
export function homeAwayWords(paths: readonly string[], node: string): string {
  return whole(
    `Not written: whether ${listed(paths)} ${isOrAre(paths)} free is for ${shown(node)} to say, which cannot be reached now. `,
    'Work on something else that you need not write, or try again later.',
  );
}

/** Its own claim has ended before it had written. */
export function lostWords(paths: readonly string[]): string {
  return whole(
    `Not written: your claim of ${listed(paths)} ended before this was written. Read it again, and try again.`,
  );
}

/** `why` says what makes it unclear, as a clause. */
export function unclearWords(path: string, why: string): string {
  return whole(
    `Not written: it cannot be told what a write to ${shown(path)} would change: ${why}. `,
    'Name the file itself, by a path without detours.',
  );
}

export const UNCLEAR = {
  path: 'the path is no plain path of a file, or goes through a link that leads nowhere certain',
  moved: 'what is there was moved, or linked elsewhere, while it was looked at',
  names: 'the file has other names (hard links), and too much is claimed to see whether one of them is',
  absent: 'this program is not known to work in this workspace',
  loading: 'what is claimed here is still being read; try again in a moment',
} as const;

export function gitWords(path: string): string {
  return whole(`Not written: ${shown(path)} is git's own. Change it by git's commands.`);
}

/** What is known of the two versions; null is a text that is not known, undefined that there is no file. */
export interface Change {
  path: string;
  before: string | null | undefined;
  after: string | null | undefined;
  /** It may have changed just before it was read, or meanwhile: what its reader saw is not known. */
  doubted: boolean;
}

/** `shows`: whoever cannot be told to read it again is to go by what is shown here. */
export function staleWords({ path, before, after, doubted }: Change, shows: boolean): string {
  if (doubted) return doubtedWords(path, after, shows);
  const what =
    after === undefined
      ? 'was removed'
      : before === undefined
        ? 'was made by somebody else'
        : 'was changed by somebody else';
  const since = before === undefined ? 'since you looked' : 'since you last read or wrote it';
  const then = shows
    ? 'Make your change anew, on what is there now.'
    : 'Read it again, then make your change on what is there now.';
  const head = `Not written: ${shown(path)} ${what} ${since}. ${then}`;
  if (after === undefined) return whole(head);
  if (before === null || after === null) return whole(head, ' It is not text, or too long to show what.');
  const difference = `\n\n--- ${shown(path)} as you knew it\n+++ ${shown(path)} as it is now\n${unified(before ?? '', after)}`;
  return whole(head, difference);
}

/** What was seen is not known, so that there is no difference to show: the whole of it is shown. */
function doubtedWords(path: string, after: string | null | undefined, shows: boolean): string {
  const then = shows
    ? 'Make your change on what is there now.'
    : 'Read it again, then make your change on what is there now.';
  const head = `Not written: ${shown(path)} changed while you read it, or just before. ${then}`;
  if (typeof after !== 'string') return whole(head);
  return whole(head, `\n\n+++ ${shown(path)} as it is now\n${unified('', after)}`);
}

/** For people and for a terminal: nothing in it moves the cursor or begins another line. */
export function shown(path: string): string {
  const plain = path === '' ? '.' : path;
  const cut = plain.length > PATH ? `…${plain.slice(-PATH)}`.toWellFormed() : plain;
  return /[\p{C}"\\]|^\s|\s$/u.test(cut) ? JSON.stringify(cut).replace(/\p{C}/gu, escaped) : cut;
}

function escaped(character: string): string {
  return Array.from(character, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`).join('');
}

/** A word of `sh`. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function claimCommand(paths: readonly string[]): string {
  const words = paths.slice(0, NAMED).map((path) => quoted(typedPath(path)));
  return `skein claim ${words.join(' ')} --wait`;
}

function listed(paths: readonly string[]): string {
  const some = paths.slice(0, NAMED).map(shown).join(', ');
  return paths.length > NAMED ? `${some} and ${paths.length - NAMED} more` : some;
}

const isOrAre = (paths: readonly string[]): string => (paths.length === 1 ? 'is' : 'are');

function doneBy(who: Who): string {
  switch (who.does) {
    case 'claims':
      return `claimed by ${calledBy(who)}, ${span(who)}`;
    case 'claims for its turn':
      return `claimed by ${calledBy(who)}, until its turn ends`;
    case 'writes':
      return `being written by ${calledBy(who)}`;
    case 'waits':
      return `waited for by ${calledBy(who)}, who asked before`;
  }
}

/** An agent's name is its session's and its own; sessions are renamed. */
function calledBy({ holder, session }: Who): string {
  if (holder.kind === 'person' || session === null) return holder.name;
  return holder.agent === null ? session : `${session}/${holder.name.split('/').at(-1)}`;
}

function span({ holder, left }: Who): string {
  if (holder.kind === 'run' || left === null) return 'until it lets go or ends';
  const minutes = Math.max(1, Math.round(left / 60_000));
  return `for ${minutes} more ${minutes === 1 ? 'minute' : 'minutes'} unless it is renewed`;
}

function whole(...parts: readonly string[]): string {
  const text = parts.join('');
  if (text.length <= MOST) return text;
  const end = '\n… (there is more)';
  return `${text.slice(0, MOST - end.length).toWellFormed()}${end}`;
}
