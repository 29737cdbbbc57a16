/** The policies of this machine, as they are at this moment (rule A5): what they say to an agent's question. */
import fs from 'node:fs';
import path from 'node:path';
import { commandOf } from '@skein/protocol/agents/detail';
import { askedPlaces } from '@skein/protocol/agents/events';
import { MAX_AGENT_PATH, MAX_AGENT_PATHS } from '@skein/protocol/agents/limits';
import type { AgentState } from '@skein/protocol/agents/state';
import { valueAt } from '@skein/protocol/keyed';
import { lesser, type Role } from '@skein/protocol/members/roles';
import { standings } from '@skein/protocol/members/state';
import { who } from '@skein/protocol/members/who';
import type { NodeState } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { KernelApi } from '../../kernel/types.ts';
import type { Judge } from '../composing.ts';
import { loadDefinitions } from '../definitions/load.ts';
import {
  composePolicy,
  definitionPath,
  placesAbove,
  userDefinitions,
  WORKSPACE_FOLDER,
  workspaceOf,
} from '../definitions/places.ts';
import { answerFor, type Policy } from './decide.ts';
import { placesOf } from './located.ts';
import { OWN_TOOLS } from './own-tools.ts';
import type { PoliciesRead, PolicyWhere } from './read-policies.ts';

/** Definitions and directories whose policies are kept as read. */
const MAX_KEPT = 64;

type ReadPolicies = (definition: string, where: PolicyWhere) => PoliciesRead;
type Log = (level: 'info' | 'warn', message: string, data?: Record<string, unknown>) => void;

/** The node's index, in which it stands what a workspace is a worktree of. */
type Index = Pick<KernelApi, 'peek'>;

export class Policies {
  readonly #home: string;
  readonly #log: Log;
  readonly #index: Index;
  readonly #kept = new Map<string, { stamp: string; policies: Policy[] }>();
  #read: ReadPolicies | undefined;

  constructor(home: string, log: Log, index: Index) {
    this.#home = home;
    this.#log = log;
    this.#index = index;
  }

  /** Loads what reads them; until then nothing is answered but by people. */
  async prepare(): Promise<void> {
    this.#read ??= (await loadDefinitions()).readPolicies;
  }

  /** What answers an agent's questions before any person does. */
  judge(state: SessionState, agent: AgentState): Judge {
    return (asked) => {
      const { definition, cwd } = agent;
      const far = Object.hasOwn(state.far, agent.agent);
      // What lies in a directory of another machine is not known here.
      const tree = far ? undefined : this.#treeOf(agent);
      const where = { home: this.#home, cwd: far ? this.#home : cwd, compose: state.compose, tree };
      const theirs = this.#policiesOf(definition, where);
      if (theirs === undefined) return undefined;
      const places = far ? askedPlaces.safeParse(asked.places).data : placesOf(asked.paths, cwd);
      const policies = agent.direct ? [...theirs, OWN_TOOLS] : theirs;
      return withReason(
        answerFor(policies, state.rules, {
          agent: definition,
          agentId: agent.agent,
          tool: asked.name ?? null,
          kind: asked.kind,
          title: asked.title,
          same: asked.same,
          words: asked.title,
          paths: places === undefined || asked.paths.length === 0 ? null : places.paths,
          more: areCut(asked.paths),
          command: commandOf(asked),
          role: prompterOf(state, agent, asked.turn),
          cwd: places?.cwd ?? [],
          homes: places?.homes ?? [],
        }),
      );
    };
  }

  #treeOf({ workspace }: AgentState): PolicyWhere['tree'] {
    const all = workspace ? this.#index.peek<NodeState>('node')?.workspaces : undefined;
    if (!workspace || all === undefined) return undefined;
    const base = valueAt(all, valueAt(all, workspace.id)?.of ?? '');
    return base === undefined ? undefined : { root: workspace.root, base: base.root };
  }

  #policiesOf(definition: string, where: PolicyWhere): Policy[] | undefined {
    if (this.#read === undefined) return undefined;
    const { cwd, compose, tree } = where;
    const of = compose === undefined ? '' : `${compose.project}/${compose.part}`;
    const key = JSON.stringify([of, definition, cwd, tree]);
    const stamp = this.#stamp(definition, where);
    const kept = this.#kept.get(key);
    if (kept?.stamp === stamp) return kept.policies;
    const { policies, problems } = this.#read(definition, where);
    for (const { message } of problems)
      this.#log('warn', 'A policy cannot be read: everything is asked about.', { definition, why: message });
    this.#kept.delete(key);
    if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value ?? '');
    this.#kept.set(key, { stamp, policies });
    return policies;
  }

  /** Another one whenever a file that they are in has changed. */
  #stamp(definition: string, { cwd, compose, tree }: PolicyWhere): string {
    const { workspace, why = '' } = workspaceAt(cwd);
    const places = [...placesAbove(cwd), ...(tree === undefined ? [] : [tree.base])];
    const theirs = places.map((dir) => path.join(dir, WORKSPACE_FOLDER));
    const files = [
      path.join(this.#home, 'policy.yaml'),
      ...(compose === undefined ? [] : [composePolicy(this.#home, compose)]),
      path.join(this.#home, 'trusted.json'),
      definitionPath(userDefinitions(this.#home), definition),
      ...theirs.flatMap((dir) => [
        path.join(dir, 'policy.yaml'),
        definitionPath(path.join(dir, 'agents'), definition),
      ]),
    ];
    return [workspace ?? why, ...files.map(stampOf)].join(' ');
  }
}

/** Whether some paths, or a part of one, may have been left out of what is told. */
function areCut(paths: readonly string[]): boolean {
  return paths.length >= MAX_AGENT_PATHS || paths.some((one) => one.length >= MAX_AGENT_PATH - 1);
}

/** A no says where it comes from, so that the agent does not take it for a whim, and looks for another way. */
function withReason(answered: ReturnType<typeof answerFor>): ReturnType<Judge> {
  if (answered?.answer !== 'deny') return answered;
  return { ...answered, reason: `The user's rules do not allow this (${answered.rule}).` };
}

/** One that cannot be told has no files that could be looked at; it is told of where they are read. */
function workspaceAt(cwd: string): { workspace?: string | undefined; why?: string } {
  try {
    return { workspace: workspaceOf(cwd) };
  } catch (error) {
    return { why: String(error) };
  }
}

function stampOf(file: string): string {
  try {
    const stat = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined && fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined) return 'nowhere';
    return stat === undefined ? '-' : `${stat.ino}.${stat.size}.${stat.mtimeNs}.${stat.ctimeNs}`;
  } catch (error) {
    return String(error);
  }
}

/**
 * What they may do who prompted that turn, now, and of several the least that one may; null when nobody did, or somebody that
 * is admitted no more.
 */
function prompterOf(state: SessionState, { turn }: AgentState, asking: string | null): Role | null {
  // A turn that the agent has begun by itself meanwhile is not that of whoever prompted the one before.
  if (turn === null || turn.turn !== asking) return null;
  return [turn.by, ...(turn.also ?? [])]
    .map((by) => roleOf(state, by))
    .reduce((a, b) => (a === null || b === null ? null : lesser(a, b)));
}

function roleOf(state: SessionState, given: unknown): Role | null {
  const { data: by } = who.safeParse(given);
  if (by?.kind === 'owner') return 'owner';
  if (by?.kind !== 'member') return null;
  const standing = standings(state).find(
    ({ member, device }) => member === by.member && device === by.device,
  );
  return standing?.role ?? null;
}
