/** Commander, built from the specifications: the authority for parsing, help and what is wrong with a command line. */
import { nearest } from '@skein/node/actors/nearest';
import { SkeinError } from '@skein/protocol/errors';
import { usageSentence } from '@skein/protocol/text/usage';
import { visible } from '@skein/protocol/text/words';
import { Argument, Command, CommanderError, Option } from 'commander';
import { VERSION } from '../version.ts';
import type { Parsed } from './call.ts';
import { afterHelp, examples, fit } from './help-text.ts';
import { type CommandSpec, GLOBALS, type OptionSpec } from './spec.ts';

/** What was asked for: a command, or a text to print with exit status 0. */
type Full = { kind: 'call'; parsed: Parsed } | { kind: 'text'; text: string };

const EXAMPLES: CommandSpec['examples'] = [
  ['skein run bash', 'a shell that lives on when you leave it (C-\\ then d)'],
  ['skein attach bash', 'back to it'],
  ['skein ls', 'what there is'],
  ['skein run -d -- make test', 'start something and stay here'],
  ["skein send bash 'ls' --enter", 'type into it'],
  ['skein screen bash', 'look without attaching'],
  ['skein share bash', 'a ticket for somebody on another machine'],
  ['skein join -', 'use one; then: skein attach laptop:bash'],
];

const OVERVIEW = `Every command has --help with examples, and --json.
Environment:  SKEIN_HOME, SKEIN_DETACH, NO_COLOR.
Exit status:  0 done, 1 refused or failed, 2 bad usage, 3 no such thing, 4 node not reachable, 5 not allowed.`;

/** Columns in which words are still put on lines of their own; commander's own is as wide as a small terminal. */
const NARROWEST = 16;

/** Columns of a help that is not read in a terminal. */
const NO_TERMINAL = 120;

function helpWidth(): number {
  return process.stdout.isTTY === true ? process.stdout.columns : NO_TERMINAL;
}

function overview(): string {
  return `\nExamples:\n${examples(EXAMPLES, helpWidth())}\n\n${fit(OVERVIEW, helpWidth())}`;
}

/** Parses words; throws `bad_request` when they are not a call. In the help, commands stand under the titles of `groups`. */
export function parseFully(
  specs: readonly CommandSpec[],
  words: readonly string[],
  groups: readonly { title: string; commands: readonly CommandSpec[] }[] = [],
): Full {
  let text = '';
  let wrong = '';
  let parsed: Parsed | undefined;
  const program = new Command('skein')
    .description('Terminals that nothing kills. Alone, skein shows the sessions and lets you choose.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'how to use it')
    .helpCommand('help [command]', 'how to use a command')
    .addHelpText('after', overview)
    .enablePositionalOptions()
    .configureHelp({ minWidthToWrap: NARROWEST })
    .allowExcessArguments(false);
  const silent = {
    writeOut: (s: string) => {
      text += s;
    },
    writeErr: (s: string) => {
      wrong += s;
    },
  };
  addOptions(program, GLOBALS);
  program.exitOverride().configureOutput(silent);
  program.action(() => {
    parsed = { command: '', args: {}, options: optionsOf(program.opts(), GLOBALS) };
  });
  for (const spec of specs) {
    const command = program.command(spec.name).description(spec.summary);
    const group = groups.find(({ commands }) => commands.includes(spec));
    if (group !== undefined) command.helpGroup(group.title);
    command.exitOverride().configureOutput(silent).allowExcessArguments(false);
    command.helpOption('-h, --help', 'how to use it');
    if (spec.passThrough === true) command.passThroughOptions();
    for (const { name, summary, required, many } of spec.args) {
      const dots = many === true ? '...' : '';
      command.addArgument(new Argument(required === true ? `<${name}${dots}>` : `[${name}${dots}]`, summary));
    }
    addOptions(command, spec.options);
    addOptions(command, GLOBALS);
    command.addHelpText('after', () => afterHelp(spec, helpWidth()));
    command.action((...given: unknown[]) => {
      const all = [...GLOBALS, ...spec.options];
      parsed = {
        command: spec.name,
        args: argsOf(spec, given),
        options: { ...optionsOf(program.opts(), GLOBALS), ...optionsOf(command.opts(), all) },
        ...(spec.passThrough === true && isVerbatim(words, given) ? { verbatim: true } : {}),
      };
    });
  }
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const unknown = unknownCommand(specs, words);
    if (unknown !== undefined) throw noCommand(unknown, specs);
    if (error.code === 'commander.version' && words.includes('--json'))
      return { kind: 'text', text: `${JSON.stringify({ version: VERSION })}\n` };
    if (error.exitCode === 0 || error.code === 'commander.help') return { kind: 'text', text: text || wrong };
    throw usage(wrong || error.message, commandNamed(specs, words));
  }
  return parsed === undefined ? { kind: 'text', text } : { kind: 'call', parsed };
}

function addOptions(command: Command, options: readonly OptionSpec[]): void {
  for (const { name, short, value, many, summary } of options) {
    const flags = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`;
    const option = new Option(flags, summary);
    if (many === true)
      option.argParser((v: string, before: unknown) => [...(Array.isArray(before) ? before : []), v]);
    // Commander would take --no-relay URL for the opposite of --relay, and give its value to that.
    if (value !== undefined) option.negate = false;
    command.addOption(option);
  }
}

function optionsOf(found: Record<string, unknown>, options: readonly OptionSpec[]): Parsed['options'] {
  const out: Parsed['options'] = {};
  for (const { name, value, many } of options) {
    // Commander keeps `--no-color` as color: false.
    const negates = value === undefined && name.startsWith('no-');
    const given = negates ? found[camel(name.slice(3))] === false : found[camel(name)];
    if (given === undefined || given === false) continue;
    if (value === undefined) out[name] = true;
    else if (many === true) out[name] = given as string[];
    else out[name] = String(given);
  }
  return out;
}

function argsOf(spec: CommandSpec, given: unknown[]): Parsed['args'] {
  const out: Parsed['args'] = {};
  for (const [i, { name, many }] of spec.args.entries()) {
    const value = given[i];
    if (many === true) out[name] = Array.isArray(value) ? (value as string[]) : [];
    else if (typeof value === 'string') out[name] = value;
  }
  return out;
}

/** Whether the words that a program gets stand behind a bare `--`, which commander takes away. */
function isVerbatim(words: readonly string[], [first]: unknown[]): boolean {
  return Array.isArray(first) && first.length > 0 && words[words.length - first.length - 1] === '--';
}

function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function commandNamed(specs: readonly CommandSpec[], words: readonly string[]): string | undefined {
  return words.find((word) => specs.some((s) => s.name === word));
}

/** The word that stands where a command's name should, and is none. */
function unknownCommand(specs: readonly CommandSpec[], words: readonly string[]): string | undefined {
  const valued = (word: string | undefined) =>
    GLOBALS.some(({ name, value }) => value !== undefined && word === `--${name}`);
  const named = words.filter((word, at) => !word.startsWith('-') && !valued(words[at - 1]));
  const name = named[0] === 'help' ? named[1] : named[0];
  return name === undefined || name === 'help' || specs.some((s) => s.name === name) ? undefined : name;
}

/** With the command that may have been meant. Two letters are near to anything. */
function noCommand(unknown: string, specs: readonly CommandSpec[]): SkeinError {
  const [near] = unknown.length > 2 ? nearest(specs, unknown, ({ name }) => name) : [];
  const meant = near === undefined ? '' : ` Did you mean ${near.name}?`;
  return usage(`There is no command "${visible(unknown)}".${meant}`, undefined);
}

/** Commander's words in the form of every other error. */
function usage(message: string, command: string | undefined): SkeinError {
  const see = command === undefined ? 'skein --help' : `skein ${command} --help`;
  return new SkeinError('bad_request', usageSentence(message), { see });
}
