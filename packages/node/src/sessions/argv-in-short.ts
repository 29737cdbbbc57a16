/** A program's words as lists of sessions tell them: thousands of sessions, or words of a hundred KiB, still fit into one answer. Pure. */

/** Characters of all of a list's, and of one session's at most and at least. */
const IN_ALL = 256 * 1024;
const MOST = 1_000;
const LEAST = 24;

/** Characters for each of so many sessions. */
export function argvShare(sessions: number): number {
  return Math.max(LEAST, Math.min(MOST, Math.floor(IN_ALL / Math.max(1, sessions))));
}

/** The words as far as there is room; where that ends stands `…`. */
export function argvInShort(argv: string[], most: number): string[] {
  let room = most;
  for (const [at, word] of argv.entries()) {
    // A word costs more than its characters.
    room -= word.length + 2;
    if (room < 0) return [...argv.slice(0, at), `${whole(word.slice(0, Math.max(0, room + word.length)))}…`];
  }
  return argv;
}

/** Without half a character at its end. */
function whole(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}
