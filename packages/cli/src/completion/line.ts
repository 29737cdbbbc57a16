/** What may follow on a command line that is not finished: a pure function of its words. */
import { type CommandSpec, GLOBALS, type OptionSpec } from '../invocation/spec.ts';
import { ARGUMENTS, type Meaning, meaningsOf, OPTIONS } from './meanings.ts';

export interface Choice {
  word: string;
  summary: string;
}

/** What to offer: these words, and what the meanings name, each behind `prefix`. */
export interface Offered {
  choices: readonly Choice[];
  meanings: readonly Meaning[];
  /** What stands before the name in the same word: `--in=`. */
  prefix: string;
  /** The home that the line names. */
  home?: string;
}

const HELP: OptionSpec = { name: 'help', short: 'h', summary: 'how to use it' };
const VERSION: OptionSpec = { name: 'version', summary: 'print the version' };

/** `words` are those behind `skein`; the last of them, perhaps empty, is being typed. */
export function offered(specs: readonly CommandSpec[], words: readonly string[]): Offered {
  const typed = words.at(-1) ?? '';
  const line = new Line(specs);
  for (const word of words.slice(0, -1)) line.take(word);
  const { choices = [], meanings = [], prefix = '' } = line.next(typed);
  const home = line.home === undefined ? {} : { home: line.home };
  return { choices: choices.filter(({ word }) => word.startsWith(typed)), meanings, prefix, ...home };
}

class Line {
  readonly #specs: readonly CommandSpec[];
  #spec: CommandSpec | undefined;
  readonly #arguments: string[] = [];
  readonly #given = new Set<string>();
  /** The option whose value comes next. */
  #valued: OptionSpec | undefined;
  /** No options any more: they ended, or what follows is a program's. */
  #plain = false;
  /** `skein help` was typed. */
  #help = false;
  home: string | undefined;

  constructor(specs: readonly CommandSpec[]) {
    this.#specs = specs;
  }

  take(word: string): void {
    const valued = this.#valued;
    this.#valued = undefined;
    if (valued !== undefined) this.#value(valued, word);
    else if (this.#plain || !word.startsWith('-') || word === '-') this.#argument(word);
    else if (word === '--') this.#plain = true;
    else this.#option(word);
  }

  next(typed: string): Partial<Offered> {
    if (this.#valued !== undefined) return { meanings: this.#meaningsOf(this.#valued) };
    const [, name, prefix] = /^--([a-z-]+)(=)/.exec(typed) ?? [];
    if (!this.#plain && name !== undefined) {
      const option = this.#options.find((one) => one.name === name);
      if (option?.value === undefined) return {};
      return { meanings: this.#meaningsOf(option), prefix: `--${name}${prefix}` };
    }
    if (!this.#plain && typed.startsWith('-')) return { choices: this.#switches() };
    if (this.#spec === undefined) return this.#plain ? {} : { choices: this.#commands() };
    if (this.#spec.passThrough === true && this.#arguments.length > 0) return { meanings: [':files'] };
    const { args, name: command } = this.#spec;
    const argument = args[this.#arguments.length] ?? (args.at(-1)?.many === true ? args.at(-1) : undefined);
    if (argument === undefined) return this.#plain ? {} : { choices: this.#switches() };
    return { meanings: meaningsOf(ARGUMENTS, command, argument.name, this.#arguments) };
  }

  get #options(): readonly OptionSpec[] {
    return this.#spec === undefined ? [...GLOBALS, VERSION, HELP] : [...this.#spec.options, ...GLOBALS, HELP];
  }

  #meaningsOf(option: OptionSpec): readonly Meaning[] {
    return meaningsOf(OPTIONS, this.#spec?.name ?? '', option.name, this.#arguments);
  }

  #value(option: OptionSpec, value: string): void {
    if (option.name === 'home') this.home = value;
  }

  #argument(word: string): void {
    if (this.#spec === undefined) {
      this.#spec = this.#help ? undefined : this.#specs.find(({ name }) => name === word);
      this.#plain = this.#spec === undefined && word !== 'help';
      this.#help = word === 'help';
      return;
    }
    this.#arguments.push(word);
    if (this.#spec.passThrough === true) this.#plain = true;
  }

  #option(word: string): void {
    const [head = '', value] = word.split(/=(.*)/s);
    const option = this.#options.find(({ name, short }) => head === `--${name}` || head === `-${short}`);
    if (option === undefined) return;
    if (option.many !== true) this.#given.add(option.name);
    if (option.value === undefined) return;
    if (value === undefined) this.#valued = option;
    else this.#value(option, value);
  }

  /** The options that are not there yet. */
  #switches(): Choice[] {
    return this.#options
      .filter(({ name }) => !this.#given.has(name))
      .map(({ name, summary }) => ({ word: `--${name}`, summary }));
  }

  #commands(): Choice[] {
    const all = this.#specs.map(({ name, summary }) => ({ word: name, summary }));
    return this.#help ? all : [...all, { word: 'help', summary: 'how to use a command' }];
  }
}
