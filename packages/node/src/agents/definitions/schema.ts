/** What a definition of an agent may say: the file that anyone can write (rule A3). One definition for type and check. */
import { envText, envValue, envVariable } from '@skein/protocol/agents/env-value';
import { MAX_AGENT_ID, MAX_AGENT_TITLE } from '@skein/protocol/agents/limits';
import { definitionName } from '@skein/protocol/agents/names';
import { ruleSpec } from '@skein/protocol/agents/policy-rules';
import { directWish } from '@skein/protocol/tools/capability';
import * as z from 'zod';
import { ptyOptions } from '../../drivers/pty/options.ts';

/** Milliseconds of each unit of a time. */
const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const TIME = /^(\d{1,6})(ms|s|m|h)$/;

/** `30s`, `10m`; read as milliseconds. */
const time = z
  .string()
  .regex(TIME, 'a time like 500ms, 30s, 10m or 1h')
  .transform((text) => {
    const [, amount = '0', unit = 'ms'] = TIME.exec(text) ?? [];
    return Number(amount) * (UNITS[unit] ?? 1);
  });
/** Where there may be none: `never` is read as 0. */
const timeOrNever = z.union(
  [z.literal('never').transform(() => 0), time],
  'a time like 500ms, 30s, 10m, 1h, or never',
);

const named = envText.min(1);
export const DRIVER_NAMES = ['claude', 'acp', 'codex', 'pty'] as const;

export const definitionFile = z.strictObject({
  /** As its file is called, or absent. */
  name: definitionName.optional(),
  title: z.string().max(MAX_AGENT_TITLE).optional(),
  driver: z.enum(DRIVER_NAMES),
  /** Looked for on the PATH; with a `/`, from where the definition lies (`~` for the home directory). */
  command: named,
  /** Further places where its program may be, looked at when it is not on the PATH. */
  also: z.array(named).max(16).default([]),
  args: z.array(envText).max(256).default([]),
  env: z.record(envVariable, envValue).default({}),
  /** The process's directory, from the agent's own; that by default. */
  cwd: named.optional(),
  /** Whether a later run goes on with the agent's own session, where its protocol can. */
  resume: z.boolean().default(true),
  restart: z
    .strictObject({
      when: z.enum(['never', 'on-failure', 'always']).default('on-failure'),
      most: z.int().min(0).max(1_000).default(5),
      delay: time.default(1_000),
      /** How old its own session must be before it can be gone on with. */
      resumeAfter: time.optional(),
    })
    .prefault({}),
  /** Without progress at its start, or in a turn, for so long, it counts as stuck. */
  stuckAfter: timeOrNever.default(600_000),
  /** Rules of a policy, for this agent alone. */
  permissions: z.array(ruleSpec).max(256).default([]),
  /** The most that it may do with other agents (rule N1); false: nothing. */
  direct: directWish.optional(),
  /** What only its driver understands. */
  options: z.record(z.string(), z.unknown()).optional(),
  /**
   * How its own interface in a terminal is driven (`skein run --pty`, and always by the driver `pty`): the program's arguments
   * then, in place of `args`; the hooks that it has; how its screen is read; the keys that send a prompt, and end a turn.
   */
  pty: ptyOptions.extend({ args: z.array(envText).max(256).optional() }).optional(),
  mode: z.string().max(MAX_AGENT_ID).optional(),
  model: z.string().max(MAX_AGENT_ID).optional(),
  /** Arguments by which its program tells its version; false when it cannot. */
  version: z.union([z.literal(false), z.array(envText).max(8)]).default(['--version']),
  /** What to do when its program is missing. */
  install: z.string().max(MAX_AGENT_TITLE).optional(),
});
export type DefinitionFile = z.input<typeof definitionFile>;

/** A definition, read and whole. */
export type Definition = Omit<z.infer<typeof definitionFile>, 'name'> & {
  name: string;
  /** What its relative paths are relative to, absolute. */
  base: string;
};
