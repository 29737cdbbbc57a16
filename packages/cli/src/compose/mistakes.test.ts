/** Every mistake that a person makes in a compose file, with the place and the words by which it is told (rule B2). */
import { SkeinError } from '@skein/protocol/errors';
import { describe, expect, test } from 'vitest';
import type { Problem } from './problems.ts';
import { readCompose } from './read.ts';

const ENV = { HERE: 'here', NUMBER: '12', EMPTY: '' };

function problemsOf(text: string): string[] {
  try {
    readCompose('f', text, ENV);
    return [];
  } catch (error) {
    if (!(error instanceof SkeinError)) throw error;
    expect(error.code).toBe('definition_invalid');
    const { problems } = error.data as { problems: Problem[] };
    return problems.map(
      ({ line, column, field, message }) => `${line}:${column} ${field === '' ? '-' : field}: ${message}`,
    );
  }
}

/** In a whole file, from its third line on. */
const session = (text: string) => `name: shop\nsessions:\n  a:\n    ${text}\n`;
const workspace = (text: string) => `name: shop\nworkspaces:\n  w: ${text}\n`;

/** What was written, and how the problem begins. */
const MISTAKES: [string, string, string][] = [
  ['a tab', 'name: x\nsessions:\n\ta: {}\n', '3:1 -: a tab; indent with spaces'],
  ['a name twice', 'name: x\nname: y\n', '2:1 -: "name" is there twice'],
];

describe('[B2] a mistake', () => {
  test.each(MISTAKES)('%s is told with its place', (_, text, told) => {
    expect(
      problemsOf(text).some((one) => one.startsWith(told)),
      problemsOf(text).join('\n'),
    ).toBe(true);
  });
});
void [session, workspace];
