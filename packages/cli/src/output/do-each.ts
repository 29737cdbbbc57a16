/** Does the same to several things, and tells of each, whatever becomes of the others. */
import { SkeinError } from '@skein/protocol/errors';
import { reportError } from './errors.ts';
import { printJson } from './write.ts';

export interface Doing<T> {
  json: boolean;
  /** What people call it, in the sentence of its failure. */
  called(one: T): string;
  /** Does it, tells people of it, and returns what JSON is to say. */
  act(one: T): Promise<object>;
}

/** One after the other. Throws the last failure, once all that was done and every other failure are told. */
export async function doEach<T>(all: readonly T[], { json, called, act }: Doing<T>): Promise<void> {
  const done: object[] = [];
  const failures: SkeinError[] = [];
  for (const one of all) {
    try {
      done.push(await act(one));
    } catch (thrown) {
      const error = SkeinError.from(thrown);
      const { code, message, data } = error;
      failures.push(all.length === 1 ? error : new SkeinError(code, `${called(one)}: ${message}`, data));
    }
  }
  const last = failures.pop();
  if (json && (done.length > 0 || last === undefined)) printJson(done);
  for (const failure of failures) reportError(failure, json);
  if (last !== undefined) throw last;
}
