/** What a shell is told may follow: only what the parser takes, whatever was typed before. */
import { SkeinError } from '@skein/protocol/errors';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../commands/all.ts';
import { parseFully } from '../invocation/full-parse.ts';
import { offered } from './line.ts';
import { ARGUMENTS, OPTIONS } from './meanings.ts';

const words = (...line: string[]) => offered(COMMANDS, line).choices.map(({ word }) => word);
const meanings = (...line: string[]) => offered(COMMANDS, line).meanings;

describe('completion', () => {
  test('of commands, of options that are not there yet, of what each word names', () => {
    expect(words('at')).toEqual(['attach']);
    expect(words('--home', '/x', 'atta')).toEqual(['attach']);
    expect(words('help', 'kil')).toEqual(['kill']);
    expect(words('nonsense', '')).toEqual([]);
    expect(words('kill', 'api', '-s', 'HUP', '--s')).toEqual([]);
    expect(words('kill', '--s')).toEqual(['--signal']);
    expect(words('ls', '')).toContain('--all');
    expect(words('kill', '--', '--s')).toEqual([]);
    expect(meanings('attach', '')).toEqual(['session']);
    expect(meanings('kill', 'a', 'b', '')).toEqual(['session']);
    expect(meanings('rename', 'a', '')).toEqual([]);
    expect(meanings('run', '-C', '')).toEqual([':directories']);
    expect(meanings('run', '')).toEqual(['definition', ':commands']);
    expect(meanings('run', '-d', 'make', '--on')).toEqual([':files']);
    expect(meanings('workspace', 'create', 'worktree', '')).toEqual(['workspace']);
    expect(meanings('spawn', 'claude', '--on', '')).toEqual(['node']);
    expect(offered(COMMANDS, ['--home=/x', 'run', '--on='])).toMatchObject({
      meanings: ['node'],
      prefix: '--on=',
      home: '/x',
    });
  });

  test('offers nothing that the parser refuses, and never throws', () => {
    const step = fc.record({ typed: fc.constantFrom('', '-', '--'), pick: fc.nat() });
    let parsed = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 7 }), (steps) => {
        const line: string[] = [];
        for (const { typed, pick } of steps) {
          const { choices, meanings: named, prefix } = offered(COMMANDS, [...line, typed]);
          const fixed = named.flatMap((meaning) => (typeof meaning === 'string' ? ['x'] : meaning));
          const all = [...choices.map(({ word }) => word), ...fixed.map((word) => `${prefix}${word}`)];
          if (all.length > 0) line.push(all[pick % all.length] as string);
        }
        try {
          parseFully(COMMANDS, line);
          parsed++;
        } catch (error) {
          // What is not whole yet: an argument or a value that is missing.
          expect(SkeinError.from(error).message).toMatch(/missing/i);
        }
      }),
      { numRuns: 3000 },
    );
    expect(parsed).toBeGreaterThan(300);
  });

  test('whatever the words, it only offers what continues the last of them', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('run', 'attach', '--', '-', '--in', '--home=', 'help'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (line) => {
        for (const choice of words(...line)) expect(choice.startsWith(line.at(-1) ?? '')).toBe(true);
      }),
    );
  });

  test('each name in its tables is of a command, an argument or an option', () => {
    const known = (
      table: object,
      of: (command: (typeof COMMANDS)[number]) => readonly { name: string }[],
    ) => {
      const all = COMMANDS.flatMap((command) =>
        of(command).flatMap(({ name }) => [name, `${command.name}.${name}`]),
      );
      expect(Object.keys(table).filter((key) => !all.includes(key) && key !== 'home')).toEqual([]);
    };
    known(ARGUMENTS, ({ args }) => args);
    known(OPTIONS, ({ options }) => options);
  });
});
