/**
 * The one interface behind which every agent protocol stands (rule A2): pure steps from a state and an input to the next
 * state, the events that it means, and the bytes to write to the agent. No I/O, no clock, no chance.
 *
 * How to use it: `start` for a new run, then `step` for everything that happens, one input after the other. After each,
 * commit state, events and writes together; then write. A state is plain data, fit for msgpack. After a crash `restore`
 * the committed one and go on: hand over the agent's output from `state.consumed` on, which always lies between two
 * lines, and write again whatever may not have arrived. A write says at which byte of the agent's input it stands, so
 * that the host can drop what it has already (H3).
 *
 * Output may be cut anywhere. A step takes the whole lines it is given; the rest is to be presented again, with more.
 * `Pending` does that for a caller.
 */
import type { AgentEvent } from '@skein/protocol/agents/events';
import { SkeinError } from '@skein/protocol/errors';
import type { BaseState } from './state.ts';

/** What a run is started with. Everything that is not in it, a driver does not know. */
export interface StartSpec {
  /** The run's id. Ids of turns, items and approvals are unique within it. */
  run: string;
  /** The workspace's absolute path. */
  cwd: string;
  /** Our own name and version, told to agents that ask. */
  client: { name: string; version: string };
  /**
   * The agent's own session to go on with; whether its history is to be told again as events, or is known already; and what
   * it had cost by its last `sessionCost`, where that is known.
   */
  resume?: { session: string; history: 'tell' | 'known'; cost?: number };
  mode?: string;
  model?: string;
  /** The node reads and writes files for the agent, where its protocol has that: its state then tells which (`filesOf`). */
  files?: boolean;
  /** It is to ask before every change of a file, whatever its mode lets it do unasked. */
  asks?: boolean;
  /** A script, absolute, for `/bin/sh`: it offers tools by MCP on its stdin and stdout, under the name TOOLS_NAME (rule N1). */
  tools?: string;
  /** What only one driver understands, from the agent's definition. */
  options?: Record<string, unknown>;
  /** Bytes of the longest line that is read; MAX_LINE unless a test says otherwise. */
  maxLine?: number;
}

export type PromptPart =
  | { type: 'text'; text: string }
  /** `data` in base64. */
  | { type: 'image'; mime: string; data: string }
  /** A file that the agent may read for itself; an absolute path. */
  | { type: 'file'; path: string };

export type Input =
  /** What the agent printed, from the byte `offset` of its output on. `end`: there will be no more. */
  | { type: 'output'; offset: number; bytes: Uint8Array; end?: boolean }
  | { type: 'stderr'; bytes: Uint8Array }
  /** What a program in a terminal shows, for `still` milliseconds already: for the driver "pty" alone; others pass it over. */
  | { type: 'screen'; text: string; still: number }
  | { type: 'prompt'; prompt: string; parts: PromptPart[] }
  | { type: 'cancel' }
  /** `option` is the id of one that `approval.asked` offered; `reason` is told to the agent where it can be. */
  | { type: 'answer'; approval: string; option: string; reason?: string }
  | { type: 'mode'; mode: string }
  | { type: 'model'; model: string }
  /** What has become of a file that it wanted (`filesOf`). */
  | { type: 'file'; file: string; done: FileDone }
  /** Its process has ended; all its output was handed over before. */
  | { type: 'exit'; code: number | null; signal: number | null };

/** A file that an agent wants read or written by the node. `file` is unique in its run. `line` counts from 1. */
export type FileWanted =
  | { file: string; op: 'read'; path: string; line: number | null; limit: number | null }
  | { file: string; op: 'write'; path: string; text: string };

/** `text` is what was read. */
export type FileDone = { text?: string } | { error: { code: string; message: string } };

/** Bytes for the agent; `offset` is where they stand in all that was ever written to this run. */
export interface Write {
  offset: number;
  bytes: Uint8Array;
}

export interface Stepped<S> {
  state: S;
  events: AgentEvent[];
  writes: Write[];
}

export interface Driver<S extends BaseState = BaseState> {
  readonly name: string;
  /** Of the state's shape: raised when an older state could be misread. */
  readonly version: number;
  /** Arguments that the agent's program needs so as to speak this protocol, after those of its definition. */
  args(spec: StartSpec): string[];
  start(spec: StartSpec): Stepped<S>;
  /** Never changes the state it is given. Throws `output_gap` when output is missing before `offset`, and nothing else. */
  step(state: S, input: Input): Stepped<S>;
}

/** A stored state, if it is one of this driver's. Throws `driver_mismatch` when it is another's or a later version's. */
export function restore<S extends BaseState>(driver: Driver<S>, stored: unknown): S {
  const state = stored as Partial<BaseState> | null;
  if (state !== null && typeof state === 'object' && state.driver === driver.name) {
    if (state.version === driver.version) return stored as S;
  }
  throw new SkeinError(
    'driver_mismatch',
    `This state is not one that the driver ${driver.name}, version ${driver.version}, can go on from.`,
    { driver: driver.name, version: driver.version },
  );
}

/** The files that it waits for, the oldest first. */
export function filesOf(state: BaseState): readonly FileWanted[] {
  return (state as { files?: readonly FileWanted[] }).files ?? [];
}

/** Whether a prompt would be sent to the agent, rather than refused. */
export function acceptsPrompt(state: BaseState): boolean {
  const idle = state.turn === null || state.turn.replayed;
  return state.life === 'ready' && idle && state.busy !== true;
}
