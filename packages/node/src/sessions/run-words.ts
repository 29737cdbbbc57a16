/** What a session's actor is told by the node, and what it asks of the world (rules K3, K4). */
import type { AgentSpec } from '@skein/protocol/agents/commands';
import type { ComposeLabel } from '@skein/protocol/compose/label';
import type { PlacedIn, SandboxClaim } from '@skein/protocol/workspaces/placed';
import type { FarFacts } from '../machines/home/far-words.ts';
import type { Placement } from '../workspaces/place.ts';

/** The body of the effect that starts a program. The environment is not in it: only where it is kept meanwhile. */
export interface StartRun {
  session: string;
  run: string;
  argv: string[];
  cwd: string;
  cols: number;
  rows: number;
  env: string | null;
  /** Bytes of its output that are kept. */
  keep?: number;
  /** The workspace that it works in. */
  workspace?: string;
  /** In a sandbox. */
  sandboxed?: boolean;
}

export interface SignalRun {
  session: string;
  run: string;
  host: string;
  signal: string;
  grace: number | null;
}

/** What starting a program comes to. */
export interface Started {
  host: string;
  pid: number;
  start: string;
}

/** Commands that the node's actor or the node itself gives. */
export interface Begin {
  id: string;
  name: string;
  argv: string[];
  cwd: string;
  run: string;
  cols: number;
  rows: number;
  keep?: number;
  env?: string;
  workspace?: PlacedIn;
  sandbox?: SandboxClaim;
  compose?: ComposeLabel;
}

/** A session that begins with an agent. */
export interface Open {
  id: string;
  name: string;
  cwd: string;
  agent: AgentSpec;
  placement?: Placement;
  /** The machine that the agent is to run on, unless on this one. */
  far?: NonNullable<FarFacts['far']>;
  compose?: ComposeLabel;
}

/** A run is to end, since somebody takes from it what it holds (W2). Null for the session's own program. */
export interface Yield {
  run: string;
  agent: string | null;
}

export interface RunEnded extends Started {
  run: string;
  code: number | null;
  signal: number | null;
  bytes: number;
}
