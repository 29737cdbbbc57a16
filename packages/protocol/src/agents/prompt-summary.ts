/** What is kept at hand of a prompt, whose parts themselves stay in its event. */
import type { PromptPart } from './life-events.ts';
import { PROMPT_PREVIEW } from './limits.ts';

export const PROMPT_KINDS = ['text', 'image', 'file'] as const;

/** The beginning of a prompt in one line, for a list. */
export function previewOf(parts: readonly PromptPart[]): string {
  const words = parts.map((part) =>
    part.type === 'text'
      ? part.text.slice(0, 4 * PROMPT_PREVIEW)
      : part.type === 'file'
        ? part.path
        : '(image)',
  );
  const line = words.join(' ').replace(/\s+/g, ' ').trim();
  return line.length <= PROMPT_PREVIEW
    ? line.toWellFormed()
    : `${line.slice(0, PROMPT_PREVIEW - 1)}…`.toWellFormed();
}
