/** Which question and which of its answers a person means. Pure. */
import { SkeinError } from '@skein/protocol/errors';
import type { InboxItem } from '@skein/protocol/tasks/asks';

/** By its id or the beginning of that. Throws `not_found` or `ambiguous`. */
export function questionMeant<T extends { item: InboxItem }>(open: readonly T[], wanted: string): T {
  const begun = open.filter(({ item }) => item.id.startsWith(wanted));
  const [only] = begun;
  if (only !== undefined && begun.length === 1) return only;
  const near = (begun.length > 0 ? begun : open).map(({ item }) => ({
    question: item.id,
    title: item.title,
  }));
  if (begun.length > 1)
    throw new SkeinError(
      'ambiguous',
      `"${wanted}" could be any of: ${near.map((one) => one.question).join(', ')}.`,
      {
        near,
      },
    );
  throw new SkeinError('not_found', `No question "${wanted}" waits for an answer. See: skein inbox`, {
    near,
  });
}

/** One of the options by its number or however it is written, else what was said. */
export function answerMeant(options: readonly string[], said: string): string {
  const text = said.trim();
  if (text === '') throw new SkeinError('bad_request', 'Say what the answer is.');
  const same =
    options.find((one) => one === text) ?? options.find((one) => one.toLowerCase() === text.toLowerCase());
  if (same !== undefined) return same;
  return (/^\d{1,2}$/.test(text) ? options[Number(text) - 1] : undefined) ?? text;
}
