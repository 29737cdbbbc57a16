/** Does one after the other what would overtake each other: whoever types or prompts does not wait for each word to have been taken. */

const last = new WeakMap<object, Map<string, Promise<unknown>>>();

/** Behind all of the same name that were begun before, however those end; at once where there is none. */
export function inOrder<T>(of: object, name: string, act: () => Promise<T>): Promise<T> {
  const waiting = last.get(of) ?? new Map<string, Promise<unknown>>();
  last.set(of, waiting);
  const before = waiting.get(name);
  const done = before === undefined ? act() : before.then(act, act);
  waiting.set(name, done);
  const leave = () => {
    if (waiting.get(name) === done) waiting.delete(name);
  };
  done.then(leave, leave);
  return done;
}
