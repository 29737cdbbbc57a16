/** The two parsers: the fast one never says anything else than commander. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS, GROUPS } from '../commands/all.ts';
import { FAST } from '../commands/fast.ts';
import { Call, parseSize } from './call.ts';
import { parseFast } from './fast-parse.ts';
import { parseFully } from './full-parse.ts';
import { GLOBALS } from './spec.ts';

const options = [...GLOBALS, ...FAST.flatMap((spec) => spec.options)];
const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...FAST.map((spec) => spec.name)) },
  { weight: 3, arbitrary: fc.constantFrom('api', 'a b', '-', '', '5', '120x40', 'C-c,Up', 'run', 'status') },
  { weight: 4, arbitrary: fc.constantFrom(...options.map((o) => `--${o.name}`)) },
  { weight: 2, arbitrary: fc.constantFrom(...options.map((o) => `--${o.name}=v`)) },
  { weight: 2, arbitrary: fc.constantFrom(...options.flatMap((o) => (o.short ? [`-${o.short}`] : []))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '--',
      '--help',
      '-h',
      '--version',
      '-ev',
      '--hist',
      '--no',
      '-x',
      '--color',
      '--enter=',
    ),
  },
);

describe('parsing', () => {
  test('what the fast parser takes, commander takes alike', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(word, { maxLength: 7 }), (words) => {
        const fast = parseFast(FAST, words);
        if (fast === undefined) return;
        taken++;
        expect(parseFully(COMMANDS, words)).toEqual({ kind: 'call', parsed: fast });
      }),
      { numRuns: 8000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test('the usual forms of the fast commands are taken by the fast parser', () => {
    const usual = [
      'ls',
      'ls --json',
      'ls -r',
      '--json ls',
      'attach',
      'attach api',
      'attach -r api',
      'attach api --read-only',
      'send api text --enter',
      'send api --keys C-c,Up',
      'send api -',
      'screen api --ansi --history 200',
      'screen api --home /tmp/x',
      'screen --history=5 api',
    ];
    for (const line of usual) expect(parseFast(FAST, line.split(' ')), line).toBeDefined();
  });

  test('mistakes are bad usage, with what is wrong and where to look', () => {
    const wrong = [
      'lss',
      'ls --nope',
      'send',
      'screen',
      'screen a b',
      'rename a',
      'stop',
      'ls extra',
      'screen a --history',
    ];
    for (const line of wrong) {
      expect(parseFast(FAST, line.split(' ')), line).toBeUndefined();
      expect(() => parseFully(COMMANDS, line.split(' ')), line).toThrowError(
        expect.objectContaining({ code: 'bad_request', data: { see: expect.stringContaining('--help') } }),
      );
    }
  });

  test('a word that is no command is said to be none', () => {
    for (const line of ['lss', 'help lss', '--json lss a b', '--home /tmp lss'])
      expect(() => parseFully(COMMANDS, line.split(' ')), line).toThrowError(
        expect.objectContaining({
          code: 'bad_request',
          message: 'There is no command "lss". Did you mean ls?',
        }),
      );
    for (const [typed, near] of [
      ['atach', 'attach'],
      ['stat', 'status'],
      ['transcirpt', 'transcript'],
    ])
      expect(() => parseFully(COMMANDS, [typed ?? '', 'api']), typed).toThrowError(`Did you mean ${near}?`);
    for (const line of ['zz', 'nothing-like-it'])
      expect(() => parseFully(COMMANDS, [line]), line).toThrowError(/^There is no command "[^"]*"\.$/);
    expect(parseFully(COMMANDS, ['help', 'ls'])).toMatchObject({ text: expect.stringContaining('skein ls') });
    const help = parseFully(COMMANDS, ['--help'], GROUPS);
    for (const { title } of GROUPS)
      expect(help).toMatchObject({ text: expect.stringContaining(`\n${title}\n`) });
    expect(help).not.toMatchObject({ text: expect.stringContaining('\nCommands:\n  run') });
  });

  test('an option that takes something away does not give it', () => {
    const words = ['mesh', '--relay', 'ws://a', '--no-relay', 'ws://b', '--no-relay', 'ws://c', '--no-color'];
    expect(parseFully(COMMANDS, words)).toMatchObject({
      parsed: { options: { relay: ['ws://a'], 'no-relay': ['ws://b', 'ws://c'], 'no-color': true } },
    });
  });

  test('options after the program of run belong to the program', () => {
    const full = parseFully(COMMANDS, ['run', '-d', '-e', 'A=1', '-e', 'B=2', 'bash', '-l', '--json']);
    expect(full).toEqual({
      kind: 'call',
      parsed: {
        command: 'run',
        args: { command: ['bash', '-l', '--json'] },
        options: { detach: true, env: ['A=1', 'B=2'] },
      },
    });
  });

  test('every command has help with its options, examples and JSON', () => {
    for (const spec of COMMANDS) {
      const help = parseFully(COMMANDS, [spec.name, '--help']);
      if (help.kind !== 'text') throw new Error(`${spec.name} --help is no text`);
      expect(help.text).toContain(spec.summary);
      expect(help.text).toContain('Examples:');
      expect(help.text).toContain('JSON: ');
      expect(spec.examples.length, spec.name).toBeGreaterThan(0);
      for (const option of [...spec.options, ...GLOBALS]) expect(help.text).toContain(`--${option.name}`);
      for (const line of help.text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
    }
    const overview = parseFully(COMMANDS, ['--help']);
    for (const { name } of COMMANDS) expect(overview).toMatchObject({ text: expect.stringContaining(name) });
  });

  test('an option that is a number or a size is checked', () => {
    const call = new Call({ command: 'x', args: {}, options: { n: '12', bad: '1e3', large: '99' } });
    expect(call.integer('n')).toBe(12);
    expect(call.integer('absent')).toBeUndefined();
    expect(() => call.integer('bad')).toThrowError(expect.objectContaining({ code: 'bad_request' }));
    expect(() => call.integer('large', 98)).toThrowError(expect.objectContaining({ code: 'bad_request' }));
    expect(parseSize('120x40')).toEqual({ cols: 120, rows: 40 });
    for (const wrong of ['0x0', '1000000x1000000', '80', 'x', '-1x5', '80x24x1'])
      expect(() => parseSize(wrong), wrong).toThrowError(expect.objectContaining({ code: 'bad_size' }));
  });
});
