/** How deep a value is nested: what somebody else has made may be deeper than the stack of whoever descends into it. */

/** Levels of a value that a command carries as it is: told in answers, it lies a few levels deep in their frames. */
const MAX_LEVELS = 32;

/** Whether a value has more than so many levels. Looks no further than that, so that no value exhausts the stack. */
export function deeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((inner) => deeper(inner, levels - 1));
}

/** For values that commands carry as they are. */
export function isShallow(value: unknown): boolean {
  return !deeper(value, MAX_LEVELS);
}

export const TOO_DEEP = {
  message: `may be nested ${MAX_LEVELS} levels deep; put more into a file and name that`,
};
