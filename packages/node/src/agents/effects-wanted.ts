/** The effects that agents' decisions ask for: what each is told (rule K4). */
import type { RestartPolicy } from '@skein/protocol/agents/state';
import type { Capability } from '@skein/protocol/tools/capability';
import type { Strength } from '@skein/protocol/workspaces/holder';
import type { PlacedIn } from '@skein/protocol/workspaces/placed';

/** Starts a process for an agent, once a run (H4). Done, its value is an `AgentStarted`. */
export const START_AGENT = 'start-agent';
export interface StartAgent {
  session: string;
  agent: string;
  run: string;
  definition: string;
  cwd: string;
  args: string[];
  /** Handle of an environment that is to be the agent's from now on; null for the one that it has. */
  env: string | null;
  /** It is started on a terminal of this size, that of the session. */
  pty?: { cols: number; rows: number };
  /** The run that the terminal had before: what is kept of its output goes. */
  before?: string;
  /** The workspace that it was put into. */
  workspace?: string;
}

/** How it came to be, as `agent.started` tells it. */
export interface AgentStarted {
  host: string;
  pid: number;
  start: string;
  driver: string;
  argv: string[];
  options?: Record<string, unknown>;
  /** What it is started with, be it chosen for it or its definition's. */
  mode?: string;
  model?: string;
  stuckAfter: number;
  restart: RestartPolicy;
  /** Hash of the token of its capability; and what its definition leaves of that, where it says something. */
  token?: string;
  direct?: Capability | null;
  /** Where its directory lies, if that is in a workspace, and how strongly it is held there. */
  workspace?: PlacedIn;
  strength?: Strength;
}

/** Asks an agent's process to end, and ends it when it has not by the end of its grace. */
export const STOP_AGENT = 'stop-agent';
export interface StopAgent {
  session: string;
  agent: string;
  run: string;
  host: string;
  /** Milliseconds. */
  grace: number;
}

/** Removes what was kept of an agent outside the log. */
export const CLEAR_AGENT = 'clear-agent';
export interface ClearAgent {
  agent: string;
  run: string | null;
}
