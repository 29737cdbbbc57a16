/**
 * What a shell would make of a command, as far as a policy must know (rule A5): whether it is one simple command, and of which
 * words. In doubt it is not simple, so that it is asked about. Pure.
 */

/** Shells, as agents call them, whose one argument is the command that is meant. */
const SHELLS = ['bash', 'sh', 'zsh', 'dash'].flatMap((name) => [name, `/bin/${name}`, `/usr/bin/${name}`]);
const FLAGS: readonly string[] = ['-c', '-lc', '-l -c', '-ic', '-lic'];
/** Shells within shells. */
const MAX_DEPTH = 4;
/** Outside quotes: what joins commands, redirects, expands, or makes a comment of the rest. */
const OPERATORS = /[;&|<>()`$\\{}#!\p{Cc}]/u;

/**
 * The words of a simple command; undefined when it is none: it has operators, expansions, redirections, newlines, open
 * quotes, or quoting that shells do not agree on.
 */
export function simpleWords(command: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < command.length; at += 1) {
    const one = command[at] as string;
    if (one === ' ' || one === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (one === "'" || one === '"') {
      const end = command.indexOf(one, at + 1);
      const quoted = command.slice(at + 1, end);
      if (end < 0 || !isPlain(one, quoted)) return undefined;
      word = (word ?? '') + quoted;
      at = end;
    } else if (OPERATORS.test(one)) return undefined;
    else word = (word ?? '') + one;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Backslashes and `!` in quotes mean different things to different shells; control characters are never harmless. */
function isPlain(quote: string, quoted: string): boolean {
  return quote === "'" ? !/[\\\p{Cc}]/u.test(quoted) : !/[\\$`!\p{Cc}]/u.test(quoted);
}

/** What `bash -lc '…'` and the like are there to run; any other command as it is. */
export function innermost(command: string): string {
  let inner = command.trim();
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const words = posixWords(inner);
    if (words === undefined || words.length < 3 || !SHELLS.includes(words[0] ?? '')) return inner;
    if (!FLAGS.includes(words.slice(1, -1).join(' '))) return inner;
    inner = (words.at(-1) ?? '').trim();
  }
  return inner;
}

/**
 * Words quoted as POSIX says: what a list of arguments was made of. Undefined for anything more than words. Only for what is
 * judged once more: a policy sees the inside of a shell's argument, never less than that.
 */
function posixWords(command: string): string[] | undefined {
  const words: string[] = [];
  const piece = /'([^']*)'|"((?:[^"\\$`]|\\["\\$`])*)"|\\([^\n])|([^\s'"\\;&|<>()`$#]+)|([ \t]+)/y;
  let word: string | undefined;
  for (let at = 0; at < command.length; at = piece.lastIndex) {
    piece.lastIndex = at;
    const [, single, double, escaped, plain, space] = piece.exec(command) ?? [];
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain;
    if (part === undefined) return undefined;
    word = (word ?? '') + part;
  }
  if (word !== undefined) words.push(word);
  return words;
}
