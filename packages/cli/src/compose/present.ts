/** What is there of a project, as the plan needs to know it (rule B1). */
import { createHash } from 'node:crypto';
import type { AgentLife, Doing } from '@skein/protocol/agents/state';
import type { ComposeLabel } from '@skein/protocol/compose/label';
import { idOf } from '@skein/protocol/ids';
import type { Role } from '@skein/protocol/members/roles';
import type { RunState } from '@skein/protocol/sessions/state';
import type { WorkspaceLife } from '@skein/protocol/workspaces/events';

export interface PresentWorkspace {
  id: string;
  name: string;
  root: string;
  life: WorkspaceLife;
  /** By which file it was made; undefined for none. */
  label: ComposeLabel | undefined;
}

export interface PresentAgent {
  id: string;
  name: string;
  life: AgentLife;
  /** In one word, for people. */
  doing: Doing;
  label: ComposeLabel | undefined;
  /** What was chosen for it last, and what it says is in force. */
  chosen: { mode: string | undefined; model: string | undefined };
  mode: string | null;
  model: string | null;
  /** The workspace that it was put into, by its id. */
  workspace: string | undefined;
  /** Whether it was ever given a prompt. */
  prompted: boolean;
}

export interface PresentSession {
  id: string;
  name: string;
  label: ComposeLabel | undefined;
  /** The state of its program; null for none. */
  terminal: RunState | null;
  /** Of sessions of the project alone, as are members. */
  agents: PresentAgent[];
  members: { id: string; name: string; role: Role }[];
  /** The ids of tasks that it was given, as far as they were asked for; and how many are worked on at a time. */
  tasks: string[];
  slots: number;
}

export interface Present {
  workspaces: PresentWorkspace[];
  sessions: PresentSession[];
  /** By session in the file: what its policy's file holds. */
  policies: Record<string, string>;
  /** Machines that are known, by what they are called here. */
  machines: Record<string, { peer: string; reachable: boolean }>;
}

/** A task of a file: the same in the same session, so that it is given once. */
export function taskId(session: string, name: string): string {
  return idOf(createHash('sha256').update(`compose task ${session} ${name}`).digest());
}

/** The prompt that a file has for an agent: the same for the same agent, so that it is given once. */
export function promptId(agent: string): string {
  return idOf(createHash('sha256').update(`compose prompt ${agent}`).digest());
}

export const ofProject = <T extends { label: ComposeLabel | undefined }>(
  all: readonly T[],
  project: string,
): T[] => all.filter(({ label }) => label?.project === project);

export const isAliveLife = (life: AgentLife): boolean =>
  life === 'starting' || life === 'running' || life === 'resting';

/** The fields in which what is there is not as it is wanted. */
export function changedFields(was: ComposeLabel['fields'], now: ComposeLabel['fields']): string[] {
  const names = new Set([...Object.keys(was), ...Object.keys(now)]);
  return [...names].filter((name) => was[name] !== now[name]).sort();
}
