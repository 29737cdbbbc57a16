/**
 * Whether a command is or holds one that a policy denies or asks about, wrapped as it may be (rule A5). It is a fence, not a wall:
 * a program can run what none of its words tell. What words could tell otherwise than they stand there is not known, and
 * so asked about. Pure.
 */
import { innermost, simpleWords } from './command.ts';
import { fitsText, mayFitText } from './glob.ts';
import { nameOf, unwrapped } from './wrappers.ts';

/** Commands within texts within commands. */
const MAX_DEPTH = 4;
/** A simple command of more characters, or of more words in all of its texts, is asked about: agents seldom need one. */
const MAX_LENGTH = 4_096;
const MAX_WORDS = 256;

/** What is to be known of a command, whatever it is looked through for. */
interface LookedAt {
  inner: string;
  /** The commands that it may be or hold. */
  found: readonly string[];
  /** Of one that is simple. */
  words: readonly string[] | undefined;
  plain: boolean;
}

/** The one looked at last: each rule asks for the same, and it may have tens of thousands of characters. */
let last: { command: string; at: LookedAt } | undefined;

function lookedAt(command: string): LookedAt {
  if (last?.command === command) return last.at;
  const inner = innermost(command);
  const words = simpleWords(inner);
  const found = [...new Set([...commandsIn(command), ...(inner === command ? [] : commandsIn(inner))])];
  const at = { inner, found, words, plain: words !== undefined && unwrapped(words).plain };
  last = { command, at };
  return at;
}

/** Whether one of the globs fits a command that would be run. */
export function findCommand(globs: readonly string[], command: string): 'yes' | 'no' | 'unknown' {
  const { inner, found, words, plain } = lookedAt(command);
  if (found.some((text) => globs.some((glob) => fitsText(glob, text)))) return 'yes';
  if (words === undefined || inner.length > MAX_LENGTH) return 'unknown';
  if (words.length === 0) return 'no';
  if (!plain) return 'unknown';
  // What the shell expands may become anything.
  const open = found.filter((text) => /[*?[]/.test(text)).map((text) => text.replace(/\[\S*/g, '*'));
  if (open.some((text) => globs.some((glob) => mayFitText(glob, text)))) return 'unknown';
  return isMentioned(globs, words) ? 'unknown' : 'no';
}

/** The commands that may be in a text: it, each part between operators, what stands behind what only prepares it, by bare names. */
function commandsIn(text: string, depth = 0): Set<string> {
  const found = new Set([text.trim()]);
  const parts =
    simpleWords(text) === undefined ? text.split(/[;&|<>()`\p{Cc}]|\$\(|\{(?!\})|(?<!\{)\}/u) : [text];
  for (const part of parts) {
    const words = simpleWords(part) ?? part.replace(/["'\\]/g, '').split(/\s+/);
    const { commands, texts } = unwrapped(words.filter((one) => one !== ''));
    for (const one of [part.trim(), ...commands.flatMap(asCalled)]) found.add(one);
    if (depth < MAX_DEPTH)
      for (const one of texts) for (const more of commandsIn(one, depth + 1)) found.add(more);
  }
  found.delete('');
  return found;
}

function asCalled([program = '', ...args]: readonly string[]): string[] {
  const names = new Set([program, program.slice(program.lastIndexOf('/') + 1), nameOf(program)]);
  return [...names].map((one) => [one, ...args].join(' '));
}

/** Whether a command that fits stands anywhere in the words: their program may be one that runs it. */
function isMentioned(globs: readonly string[], words: readonly string[]): boolean {
  const text = words.slice(1).join(' ');
  // Quotes within quotes are those of an inner shell, which takes them away, or of a text that it stands in.
  for (const inner of [text.replace(/["'\\]/g, ''), text.replace(/["'\\=,]/g, ' ')]) {
    const pieces = inner.split(/[\s;&|<>(){}`$!#]+/).filter((one) => one !== '');
    if (pieces.length > MAX_WORDS) return true;
    const mentioned = pieces.flatMap((_, at) => asCalled(pieces.slice(at)));
    if (mentioned.some((one) => globs.some((glob) => fitsText(glob, one) || fitsText(`${glob} *`, one))))
      return true;
  }
  return false;
}
