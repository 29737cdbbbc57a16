/**
 * Who shows a chat with a session's agents, where a terminal was asked for and there is none. The quick part of the program
 * is loaded without that: it throws NeedsWhole instead, and the same words are run again by the whole program.
 */

/** Resolves with the exit status. */
type Chatter = (home: string, ref: string) => Promise<number>;

/** Only the whole program can do this. Nothing has been done yet. */
export class NeedsWhole extends Error {
  override readonly name = 'NeedsWhole';
}

let chatter: Chatter = () => Promise.reject(new NeedsWhole());

export function setChatter(by: Chatter): void {
  chatter = by;
}

export function chatInstead(home: string, ref: string): Promise<number> {
  return chatter(home, ref);
}
