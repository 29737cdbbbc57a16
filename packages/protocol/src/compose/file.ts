/**
 * What a compose file may say (rule B1): the workspaces, programs, agents, machines, roles and rules that are to be there. One
 * definition for type, check, and the JSON Schema that editors use. What refers to what is checked where it is read.
 */
import * as z from 'zod';
import { envText, envValue, envVariable } from '../agents/env-value.ts';
import { MAX_AGENT_ID } from '../agents/limits.ts';
import { agentName, definitionName } from '../agents/names.ts';
import { ruleSpec } from '../agents/policy-rules.ts';
import { MAX_NAME } from '../limits.ts';
import { givenName } from '../members/names.ts';
import { ROLES } from '../members/roles.ts';
import { sessionName } from '../sessions/commands.ts';
import { MAX_CHECK, MAX_NEEDS, MAX_RETRIES, MAX_SLOTS, MAX_TASK_TEXT } from '../tasks/limits.ts';
import { capability } from '../tools/capability.ts';
import { gitRef, workspaceName } from '../workspaces/commands.ts';
import { MAX_HOOK, MAX_REF } from '../workspaces/limits.ts';
import { projectName } from './label.ts';

/** Of each kind of thing in one file. */
const MAX_THINGS = 256;
/** Characters of a prompt in a file. */
const MAX_PROMPT_TEXT = 64 * 1024;

const told = <T extends z.ZodType>(type: T, description: string) => type.describe(description);
const line = envText.min(1);
const place = line.describe('A path; relative ones begin at this file, or at the root of the workspace.');
/** `session`, or `session/agent`; within a session its agents by their names alone. */
const other = z
  .string()
  .min(1)
  .max(2 * MAX_NAME + 1);
const after = z
  .union([other, z.array(other).max(MAX_THINGS)])
  .describe('What is to have started before: a session, session/agent, or another agent of this session.');

const env = z
  .record(envVariable, z.union([envValue, z.int()]))
  .describe(
    'Variables on top of the environment of whoever runs it; {file: PATH} and {from: VARIABLE} keep secrets out.',
  );

const words = z.array(envText).min(1).max(256);
const command = z
  .union([line, words])
  .describe('A line for /bin/sh, or a list: the program and its arguments.');
const size = z
  .string()
  .regex(/^\d{1,4}x\d{1,4}$/, 'columns and rows, as in 120x40')
  .describe('Columns and rows to begin with, as in 120x40.');

export const composeTerminal = z.strictObject({
  command,
  cwd: place.optional(),
  env: env.optional(),
  size: size.optional(),
  once: told(
    z.boolean(),
    'Once it has ended it is done; else it is started again by the next up.',
  ).optional(),
  sandbox: told(
    z.array(line).min(1).max(64),
    'It runs in a sandbox, where of its workspace it can write these patterns alone.',
  ).optional(),
});
export type ComposeTerminal = z.infer<typeof composeTerminal>;

const nodeName = z.string().min(1).max(MAX_NAME);

export const composeAgent = z.strictObject({
  agent: told(definitionName, 'Its definition: claude, codex, opencode, gemini, or one of your own.'),
  mode: z.string().min(1).max(MAX_AGENT_ID).optional(),
  model: z.string().min(1).max(MAX_AGENT_ID).optional(),
  args: told(
    z.array(envText).max(256),
    'Further arguments of its program. They are recorded: no secrets.',
  ).optional(),
  cwd: place.optional(),
  env: env.optional(),
  workspace: told(workspaceName, "Unless it is the session's.").optional(),
  worktree: told(
    z.boolean(),
    'In a worktree of its own; so it is unless said in a clone, and not elsewhere.',
  ).optional(),
  prompt: told(
    z.string().min(1).max(MAX_PROMPT_TEXT),
    'Given once, when it has first been started.',
  ).optional(),
  pty: told(
    z.union([z.boolean(), size]),
    "It shows its own interface in the session's terminal; or of this size.",
  ).optional(),
  on: told(
    nodeName,
    'The machine that it runs on; one of this file. It gets a clone of the workspace, or cwd: on that machine, or an empty directory.',
  ).optional(),
  direct: told(
    z.union([z.literal(false), z.strictObject(capability.shape).partial()]),
    'What it may do with other agents; false: nothing.',
  ).optional(),
  depends_on: after.optional(),
});
export type ComposeAgent = z.infer<typeof composeAgent>;

export const composeTask = z.strictObject({
  text: told(z.string().trim().min(1).max(MAX_TASK_TEXT), 'What is to be done.'),
  to: told(agentName, 'An agent of this session.').optional(),
  agent: told(definitionName, 'Or one of this kind, started for it if none is idle.').optional(),
  workspace: told(workspaceName, 'agent: where one that is started works.').optional(),
  on: told(nodeName, 'agent: the machine where one that is started runs.').optional(),
  needs: told(
    z.array(z.string().min(1).max(MAX_NAME)).max(MAX_NEEDS),
    'Tasks that are done before it.',
  ).optional(),
  anyway: told(z.boolean(), 'However those end.').optional(),
  deadline: told(
    z.string().regex(/^\d{1,6}[smhd]$/, 'a time like 30s, 10m, 1h or 7d'),
    'From when it is added; then it is cancelled.',
  ).optional(),
  retries: told(z.int().min(0).max(MAX_RETRIES), 'How often it is given again.').optional(),
  check: told(
    z.string().trim().min(1).max(MAX_CHECK),
    'A command that must succeed for it to be done.',
  ).optional(),
});
export type ComposeTask = z.infer<typeof composeTask>;

const policy = z
  .array(ruleSpec)
  .max(1_000)
  .describe(
    'Rules that answer what agents ask, as in policy.yaml: {allow: …}, {ask: …}, {deny: …}; the first that fits.',
  );

export const composeSession = z.strictObject({
  name: told(sessionName, 'What it is called, unless as here.').optional(),
  workspace: told(workspaceName, 'Where its program and its agents work; one of this file.').optional(),
  cwd: place.optional(),
  terminal: told(
    z.union([line, words, composeTerminal]),
    'The program of its terminal; it has one at most.',
  ).optional(),
  agents: told(z.record(agentName, composeAgent), 'By their names in the session.').optional(),
  members: told(
    z.record(givenName, z.enum(ROLES)),
    'The roles of people who have joined. Who is admitted is by ticket: skein share.',
  ).optional(),
  policy: policy.optional(),
  tasks: told(z.record(agentName, composeTask), 'Given once each.').optional(),
  slots: told(z.int().min(1).max(MAX_SLOTS), 'How many tasks are worked on at a time.').optional(),
  depends_on: after.optional(),
});
export type ComposeSession = z.infer<typeof composeSession>;

const hook = z.string().min(1).max(MAX_HOOK);
export const composeWorkspace = z.strictObject({
  git: told(line, 'A clone of this URL or directory.').optional(),
  ref: told(gitRef, 'git: a branch, a tag or a commit.').optional(),
  depth: told(z.int().min(1).max(1_000_000), 'git: only so many commits.').optional(),
  local: told(line, 'A directory of yours, which is never touched.').optional(),
  scratch: told(z.literal(true), 'An empty directory.').optional(),
  worktree: told(workspaceName, 'A worktree of that workspace of this file.').optional(),
  branch: told(z.string().min(1).max(MAX_REF), 'worktree: its branch; skein/NAME unless given.').optional(),
  strict: told(z.boolean(), 'A write needs a claim that was asked for.').optional(),
  guard: told(z.boolean(), 'A hook keeps commits from what others have claimed.').optional(),
  setup: told(hook, 'Run by sh in it once its files are there.').optional(),
  teardown: told(hook, 'Run by sh in it before it is removed.').optional(),
  timeout: told(
    z.string().regex(/^\d{1,6}[smh]$/, 'a time like 30s, 10m or 1h'),
    'How long each of them may take; 10m unless given.',
  ).optional(),
});
export type ComposeWorkspace = z.infer<typeof composeWorkspace>;

export const composeMachine = z.strictObject({
  locator: told(
    z.string().min(1).max(16_384),
    'The line that skein node show prints there, by which it is made known here.',
  ).optional(),
});

export const composeFile = z.strictObject({
  version: told(z.literal(1), 'Of this format.').optional(),
  name: told(projectName, 'The project: what is made is known by it.'),
  machines: told(
    z.record(nodeName, composeMachine),
    'Machines that agents run on, by what they are called here (skein nodes).',
  ).optional(),
  workspaces: z.record(workspaceName, z.union([z.literal('scratch'), composeWorkspace])).optional(),
  sessions: z.record(sessionName, composeSession).optional(),
  policy: policy.optional(),
});
export type ComposeFile = z.infer<typeof composeFile>;

/** What a file may say, as JSON Schema (draft 2020-12). Fields that begin with `x-` are anybody's. */
export function composeSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(composeFile, { io: 'input', unrepresentable: 'any' });
  return {
    $schema,
    title: 'skein compose',
    ...rest,
    patternProperties: { '^x-': {} },
  };
}
