/** Which prompts are taken back where an agent goes on meanwhile (rule A4). */
import { SkeinError } from '@skein/protocol/errors';
import { expect, test } from 'vitest';
import { takeBack } from './take-back.ts';

const asking = (refused: Record<string, SkeinError>) => ({
  command: async (_stream: string, _type: string, { prompt }: { prompt: string }) => {
    if (refused[prompt] !== undefined) throw refused[prompt];
  },
});

test('[A4] one that has begun meanwhile keeps none of the others from being taken back', async () => {
  const client = asking({ one: new SkeinError('gone', 'It has begun.') });
  expect(await takeBack(client as never, 's', 'a', ['one', 'two', 'three'])).toEqual(['two', 'three']);
});

test('[A4] any other refusal is told', async () => {
  const client = asking({ two: new SkeinError('not_allowed', 'No.') });
  await expect(takeBack(client as never, 's', 'a', ['one', 'two'])).rejects.toThrow('No.');
});
