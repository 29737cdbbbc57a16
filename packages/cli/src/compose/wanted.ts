/** What a compose file wants to be there, resolved: paths whole, defaults filled in, and a digest of what can not change in place (rule B1). Pure. */
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { EnvValue } from '@skein/protocol/agents/env-value';
import type { RuleSpec } from '@skein/protocol/agents/policy-rules';
import type {
  ComposeAgent,
  ComposeFile,
  ComposeSession,
  ComposeTerminal,
} from '@skein/protocol/compose/file';
import type { ComposeLabel } from '@skein/protocol/compose/label';
import type { Role } from '@skein/protocol/members/roles';
import { BASE32 } from '@skein/protocol/text/base32';
import type { DirectWish } from '@skein/protocol/tools/capability';
import type { AskedSource } from '@skein/protocol/workspaces/commands';
import { HOOK_MS } from '@skein/protocol/workspaces/limits';
import { isPath } from './meaning.ts';
import { inOrder, type Node } from './order.ts';
import { millisecondsOf, type WantedTask, wantedTasks } from './wanted-tasks.ts';

type Fields = ComposeLabel['fields'];
export type WantedEnv = Record<string, EnvValue>;

/** As the node is asked for it, but a worktree's base by its name in the file. */
export type WantedSource =
  | Exclude<AskedSource, { kind: 'worktree' }>
  | { kind: 'worktree'; base: string; branch?: string };

export interface WantedWorkspace {
  part: string;
  source: WantedSource;
  strict: boolean;
  guard?: boolean;
  setup?: { command: string; timeout: number };
  teardown?: { command: string; timeout: number };
  fields: Fields;
}

export interface WantedTerminal {
  argv: string[];
  cwd: string;
  env: WantedEnv;
  size: { cols: number; rows: number };
  once: boolean;
  sandbox: string[] | undefined;
}

export interface WantedAgent {
  name: string;
  definition: string;
  mode: string | undefined;
  model: string | undefined;
  args: string[];
  /** Whole, or in a workspace from its root; absent there for the root itself. */
  cwd: string | undefined;
  env: WantedEnv;
  workspace: string | undefined;
  worktree: boolean | undefined;
  prompt: string | undefined;
  pty: { cols: number; rows: number } | undefined;
  /** The machine that it runs on, by its name; and the directory there. */
  on: string | undefined;
  there: { dir: string } | undefined;
  direct: DirectWish | undefined;
  fields: Fields;
}

export interface WantedSession {
  part: string;
  name: string;
  workspace: string | undefined;
  terminal: WantedTerminal | undefined;
  agents: Record<string, WantedAgent>;
  members: Record<string, Role>;
  /** What its policy's file holds; undefined for none. */
  policy: string | undefined;
  tasks: WantedTask[];
  slots: number | undefined;
  cwd: string;
  fields: Fields;
}

export interface Wanted {
  project: string;
  /** Where relative paths begin. */
  base: string;
  workspaces: Record<string, WantedWorkspace>;
  sessions: Record<string, WantedSession>;
  /** By name: how each is made known, if it is not. */
  machines: Record<string, { locator: string | undefined }>;
  /** Everything, each after what it needs. */
  order: Node[];
}

const SIZE = { cols: 80, rows: 24 };
/** Letters of a digest: enough never to be the same by chance. */
const DIGEST = 10;
/** Of what may be a secret: it tells a change, but for one time in 32,768, and next to nothing of what it is of. */
const SECRET_DIGEST = 3;

export function wantedOf(file: ComposeFile, base: string): Wanted {
  const { name: project, workspaces = {}, sessions = {}, machines = {} } = file;
  return {
    project,
    base,
    order: inOrder(file),
    machines: mapped(machines, (_, { locator }) => ({ locator })),
    workspaces: mapped(workspaces, (part, one) =>
      workspaceOf(part, one === 'scratch' ? { scratch: true } : one, base),
    ),
    sessions: mapped(sessions, (part, one) => sessionOf(part, one, file.policy, base)),
  };
}

function mapped<A, B>(all: Record<string, A>, of: (name: string, one: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, of(name, one)]));
}

type ComposeWorkspaceFields = Exclude<NonNullable<ComposeFile['workspaces']>[string], string>;

function workspaceOf(part: string, one: ComposeWorkspaceFields, base: string): WantedWorkspace {
  const source = sourceOf(one, base);
  const timeout = durationOf(one.timeout) ?? HOOK_MS;
  const { strict = false, guard, setup, teardown } = one;
  return {
    ...{ part, source, strict },
    ...(guard === undefined ? {} : { guard }),
    ...(setup === undefined ? {} : { setup: { command: setup, timeout } }),
    ...(teardown === undefined ? {} : { teardown: { command: teardown, timeout } }),
    fields: digests({ source, strict: strict || undefined, guard, setup, teardown, timeout: one.timeout }),
  };
}

function sourceOf(one: ComposeWorkspaceFields, base: string): WantedSource {
  const { git, ref, depth, local, worktree, branch } = one;
  if (git !== undefined) {
    const url = isPath(git) ? wholePath(git, base) : git;
    return {
      kind: 'git',
      url,
      ...(ref === undefined ? {} : { ref }),
      ...(depth === undefined ? {} : { depth }),
    };
  }
  if (local !== undefined) return { kind: 'local', dir: wholePath(local, base) };
  if (worktree !== undefined)
    return { kind: 'worktree', base: worktree, ...(branch === undefined ? {} : { branch }) };
  return { kind: 'scratch' };
}

function sessionOf(
  part: string,
  one: ComposeSession,
  rules: readonly RuleSpec[] = [],
  base: string,
): WantedSession {
  const { workspace, name = part, members = {}, agents = {} } = one;
  const terminal = one.terminal === undefined ? undefined : terminalOf(one.terminal, one, base);
  const cwd = wholePath(one.cwd ?? '.', base);
  const fields =
    terminal === undefined
      ? {}
      : digests(
          { workspace, terminal: terminal.argv, cwd: terminal.cwd, sandbox: terminal.sandbox },
          terminal.env,
        );
  return {
    ...{ part, name, workspace, terminal, members, cwd, fields },
    agents: mapped(agents, (called, agent) => agentOf(called, agent, one, base)),
    tasks: wantedTasks(one.tasks ?? {}),
    slots: one.slots,
    policy: policyText([...(one.policy ?? []), ...rules]),
  };
}

function terminalOf(
  given: NonNullable<ComposeSession['terminal']>,
  session: ComposeSession,
  base: string,
): WantedTerminal {
  const one: ComposeTerminal = typeof given === 'string' || Array.isArray(given) ? { command: given } : given;
  const { command, env = {}, size, once = false, sandbox } = one;
  const cwd = one.cwd ?? session.cwd ?? '.';
  return {
    argv: typeof command === 'string' ? ['/bin/sh', '-c', command] : command,
    cwd: session.workspace === undefined ? wholePath(cwd, base) : cwd,
    env: envOf(env),
    size: sizeOf(size) ?? SIZE,
    once,
    sandbox,
  };
}

function agentOf(name: string, one: ComposeAgent, session: ComposeSession, base: string): WantedAgent {
  const { agent: definition, mode, model, args = [], worktree, prompt, on, direct } = one;
  const elsewhere = on !== undefined;
  // A directory of that machine, instead of what this one would hand over.
  const there = elsewhere && one.cwd !== undefined ? { dir: one.cwd } : undefined;
  const workspace = there === undefined ? (one.workspace ?? session.workspace) : undefined;
  const given = elsewhere ? undefined : (one.cwd ?? session.cwd);
  const cwd = workspace === undefined && !elsewhere ? wholePath(given ?? '.', base) : given;
  const env = envOf(one.env ?? {});
  const pty = one.pty === true ? SIZE : one.pty === false ? undefined : sizeOf(one.pty);
  const fields = digests(
    {
      agent: definition,
      args: args.length === 0 ? undefined : args,
      cwd,
      workspace,
      worktree,
      pty: pty && true,
      ...{ on, there, direct },
    },
    env,
  );
  return {
    ...{ name, definition, mode, model, args, cwd, env, workspace, worktree, prompt, pty, on, there, direct },
    fields,
  };
}

function envOf(env: NonNullable<ComposeTerminal['env']>): WantedEnv {
  return mapped(env, (_, value) => (typeof value === 'number' ? String(value) : value));
}

/** A rule a line, so that what is told of one names it. */
function policyText(rules: readonly RuleSpec[]): string | undefined {
  if (rules.length === 0) return undefined;
  const lines = rules.map((rule) => `  - ${JSON.stringify(rule)}\n`);
  return `# Made by skein compose: change the compose file instead.\nrules:\n${lines.join('')}`;
}

export function wholePath(given: string, base: string): string {
  const place = given === '~' || given.startsWith('~/') ? path.join(os.homedir(), given.slice(1)) : given;
  return path.resolve(base, place);
}

function sizeOf(text: string | undefined): { cols: number; rows: number } | undefined {
  const [cols, rows] = (text ?? '').split('x').map(Number);
  return text === undefined || cols === undefined || rows === undefined ? undefined : { cols, rows };
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : millisecondsOf(text);
}

/** Of each field that is said. */
function digests(fields: Record<string, unknown>, env: WantedEnv = {}): Fields {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  const all = said.map(([name, value]) => [name, digest(value, DIGEST)] as const);
  const secret = Object.keys(env).length === 0 ? [] : [['env', digest(env, SECRET_DIGEST)] as const];
  return Object.fromEntries([...all, ...secret]);
}

function digest(value: unknown, length: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest();
  return Array.from(hash.subarray(0, length), (byte) => BASE32[byte & 31]).join('');
}

/** With the names of every object in one order: which comes first in a file says nothing. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]));
}
