/**
 * What a command is, told as data: its arguments, options, help and the shape of its JSON. Both parsers, the fast one and
 * commander, are made from it, so that they cannot disagree about what there is.
 */
import type { Call } from './call.ts';

interface ArgumentSpec {
  name: string;
  summary: string;
  required?: boolean;
  /** Takes all that are left; only the last may. */
  many?: boolean;
}

export interface OptionSpec {
  /** Without the dashes. */
  name: string;
  /** One letter, without the dash. */
  short?: string;
  summary: string;
  /** What the help calls its value; without it the option is a switch. */
  value?: string;
  /** May be given several times. */
  many?: boolean;
}

interface CommandModule {
  /** Resolves with the exit status, or nothing when it is 0. Refusals and failures are thrown as SkeinError. */
  run(call: Call): Promise<number> | Promise<void>;
}

export interface CommandSpec {
  name: string;
  summary: string;
  /** Shown under the summary in the command's own help. */
  details?: string;
  args: readonly ArgumentSpec[];
  options: readonly OptionSpec[];
  /** Each a command line and what it does. */
  examples: readonly (readonly [string, string])[];
  /** The one value that `--json` prints. */
  json: string;
  /** Options end at the first argument: what follows belongs to a program. */
  passThrough?: boolean;
  /** Brings in what the command needs, only when it runs. */
  load(): Promise<CommandModule>;
}

/** Options of every command, before its name or after it. */
export const GLOBALS: readonly OptionSpec[] = [
  { name: 'json', summary: 'print one JSON value and nothing else' },
  { name: 'home', value: 'DIR', summary: "the node's home, instead of SKEIN_HOME" },
  { name: 'no-color', summary: 'no colours (also: NO_COLOR=1)' },
];
