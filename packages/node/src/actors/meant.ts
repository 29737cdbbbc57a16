/** Which of several a person means by a word: one of its names, or the beginning of one if only one begins so. Pure. */

/** That one; else those that it could be, none or several. A whole name is meant though others begin with it. */
export function meant<T>(
  all: readonly T[],
  word: string,
  namesOf: (one: T) => readonly string[],
): { only: T } | { only: undefined; begun: T[] } {
  const exact = all.find((one) => namesOf(one).includes(word));
  if (exact !== undefined) return { only: exact };
  const begun = all.filter((one) => namesOf(one).some((name) => name.startsWith(word)));
  const [first] = begun;
  return first !== undefined && begun.length === 1 ? { only: first } : { only: undefined, begun };
}
