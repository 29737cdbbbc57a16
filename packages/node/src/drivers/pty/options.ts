/** What a definition says of a program in a terminal: the hooks it has, how its screen is read, which keys do what. */
import { SkeinError } from '@skein/protocol/errors';
import * as z from 'zod';
import { keysOf } from './keys.ts';

/** Characters of a pattern. */
const MAX_PATTERN = 512;

const pattern = z
  .string()
  .min(1)
  .max(MAX_PATTERN)
  .refine(compiles, 'is not a regular expression that JavaScript knows');
const keys = z
  .string()
  .min(1)
  .max(64)
  .refine((text) => keysOf(text) !== undefined, 'is not a row of keys like "Enter" or "C-c Escape"');

/**
 * Patterns over the last lines of the screen, each line for itself: the first that matches counts, in this order. A screen
 * that none of them matches says nothing, and what was true before it stays so.
 */
export const screenPatterns = z.object({
  /** A question stands there; nothing may be typed that is not its answer. */
  waiting: pattern.optional(),
  working: pattern.optional(),
  /** It takes a prompt: its input is there, and empty. */
  ready: pattern.optional(),
});
export type ScreenPatterns = z.infer<typeof screenPatterns>;

export const ptyOptions = z.strictObject({
  /** Whose hooks the program has. With none, its screen alone tells what it does. */
  hooks: z.literal('claude').optional(),
  screen: screenPatterns.optional(),
  /** What is pressed after a prompt was pasted. */
  submit: keys.optional(),
  /** What ends a turn. */
  cancel: keys.optional(),
});
export type PtyOptions = z.infer<typeof ptyOptions>;

/** How Claude Code's screen is read. Its footer tells whether it works; its input line ends in a space that is none. */
const CLAUDE_SCREEN: ScreenPatterns = {
  waiting: '^\\s*(❯\\s+\\d+\\. |.*\\bEsc to (cancel|exit|go back)\\b|.*\\bEnter to confirm\\b)',
  working: '\\besc to interrupt\\b',
  ready: '^❯\\s*(Try ".*)?$',
};

export interface PtySettings {
  hooks: 'claude' | null;
  screen: ScreenPatterns;
  submit: string;
  cancel: string;
}

/** The options with what is usual for what they leave out. Throws `bad_request` for what is none. */
export function ptySettings(given: unknown): PtySettings {
  const parsed = ptyOptions.safeParse(given ?? {});
  if (!parsed.success)
    throw new SkeinError(
      'bad_request',
      `How its terminal is driven cannot be understood: ${parsed.error.message}`,
    );
  const { hooks = null, screen = {}, submit = 'Enter', cancel = 'Escape' } = parsed.data;
  return { hooks, screen: hooks === 'claude' ? { ...CLAUDE_SCREEN, ...screen } : screen, submit, cancel };
}

function compiles(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
