/**
 * Parses the plain forms of a few commands without loading commander, which alone would cost a fifth of `skein ls`.
 * Whatever is not plain (help, a mistake, an abbreviation, a bare `--`) is left to commander, the authority.
 */
import type { Parsed } from './call.ts';
import { type CommandSpec, GLOBALS, type OptionSpec } from './spec.ts';

/** The call, or undefined when commander has to look at it. */
export function parseFast(specs: readonly CommandSpec[], words: readonly string[]): Parsed | undefined {
  const options: Parsed['options'] = {};
  const positional: string[] = [];
  let spec: CommandSpec | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word.startsWith('-') && word !== '-') {
      const known = spec === undefined ? GLOBALS : [...GLOBALS, ...spec.options];
      const taken = takeOption(known, word, words[at + 1], options);
      if (taken === undefined) return undefined;
      at += taken;
    } else if (spec === undefined) {
      spec = specs.find((s) => s.name === word);
      if (spec === undefined) return undefined;
    } else positional.push(word);
  }
  if (spec === undefined) return undefined;
  const args: Parsed['args'] = {};
  for (const arg of spec.args) {
    if (arg.many === true) args[arg.name] = positional.splice(0);
    const word = positional.shift();
    if (word !== undefined) args[arg.name] = word;
    else if (arg.required === true) return undefined;
  }
  return positional.length > 0 ? undefined : { command: spec.name, args, options };
}

/** How many further words the option took; undefined when it is not plain. */
function takeOption(
  known: readonly OptionSpec[],
  word: string,
  next: string | undefined,
  into: Parsed['options'],
): number | undefined {
  const equals = word.indexOf('=');
  const head = equals < 0 ? word : word.slice(0, equals);
  const option = known.find((o) => head === `--${o.name}` || (equals < 0 && head === `-${o.short}`));
  if (option === undefined) return undefined;
  if (option.value === undefined) {
    if (equals >= 0) return undefined;
    into[option.name] = true;
    return 0;
  }
  const value = equals < 0 ? next : word.slice(equals + 1);
  if (value === undefined || value === '' || (equals < 0 && value.startsWith('-'))) return undefined;
  if (option.many === true) {
    const before = into[option.name];
    into[option.name] = [...(Array.isArray(before) ? before : []), value];
  } else into[option.name] = value;
  return equals < 0 ? 1 : 0;
}
