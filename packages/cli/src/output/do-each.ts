/** Does the same to several things, and tells of each, whatever becomes of the others. */
import { SkeinError } from '@skein/protocol/errors';
import { reportError } from './errors.ts';
import { printJson } from './write.ts';

export interface Doing<T> {
  json: boolean;
  /** What people call it, in the sentence of its failure. */
  called(one: T): string;
  /** Does it, tells people of it, and returns what JSON is to say: one thing, or several. */
  act(one: T): Promise<object | object[]>;
  /** All at the same time, where each may take long. */
  together?: boolean;
}

/** One after the other, unless said otherwise. Throws the last failure, once all that was done and every other failure are told. */
export async function doEach<T>(all: readonly T[], doing: Doing<T>): Promise<void> {
  const { json, called, act, together = false } = doing;
  const failures: SkeinError[] = [];
  const attempt = async (one: T): Promise<object | object[]> => {
    try {
      return await act(one);
    } catch (thrown) {
      const error = SkeinError.from(thrown);
      const { code, message, data } = error;
      failures.push(all.length === 1 ? error : new SkeinError(code, `${called(one)}: ${message}`, data));
      return [];
    }
  };
  const done: object[] = [];
  if (together) done.push(...(await Promise.all(all.map(attempt))).flat());
  else for (const one of all) done.push(...[await attempt(one)].flat());
  const last = failures.pop();
  if (json && (done.length > 0 || last === undefined)) printJson(done);
  for (const failure of failures) reportError(failure, json);
  if (last !== undefined) throw last;
}
