/** Errors keep their code wherever they were made, and nobody can name one that is none. */
import { expect, test } from 'vitest';
import { SkeinError } from './errors.ts';

/** As another bundle has it: the same class once more. */
class Foreign extends Error {
  override readonly name = 'SkeinError';
  readonly code = 'peer_unreachable';
  readonly data = { why: 'asleep' };
}

test('[K5] an error that another bundle made keeps its code and its data', () => {
  const error = SkeinError.from(new Foreign('It cannot be reached.'));
  expect(error).toBeInstanceOf(SkeinError);
  expect(error.toBody()).toEqual({
    code: 'peer_unreachable',
    message: 'It cannot be reached.',
    data: { why: 'asleep' },
  });
});

test('[K5] what is no code is told as an accident, with its name', () => {
  for (const code of ['constructor', '__proto__', 'no_such_code']) {
    const error = SkeinError.fromBody({ code: code as never, message: 'x' });
    expect(error.toBody()).toEqual({ code: 'internal', message: 'x', data: { code } });
  }
});
