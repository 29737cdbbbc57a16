/**
 * What every driver keeps of its run, and how much of it at most. Nothing here grows with what an agent prints: texts are
 * remembered by length and hash, tool calls and questions up to a number.
 */
import type { ApprovalOption, ToolKind } from '@skein/protocol/agents/events';
import type { StartSpec } from './driver.ts';

/** Bytes of the longest line read: a prompt of 8 MiB that comes back, its quotes and newlines escaped. */
export const MAX_LINE = 16 * 1024 * 1024;
/** Lines in a row that are not of the protocol, after which an agent is no longer listened to. */
export const MAX_JUNK = 64;
/** Tool calls remembered at once, so that updates can be told from announcements. */
export const MAX_CALLS = 256;
/** Approvals open at once; what an agent asks beyond that is denied. */
export const MAX_APPROVALS = 64;
/** Requests under way to the agent. */
export const MAX_REQUESTS = 64;
/** Bytes of stderr kept for the end. */
export const MAX_STDERR = 4096;

/** A turn that runs. */
export interface RunningTurn {
  turn: string;
  prompt: string | null;
  /** A cancel was sent, and not yet confirmed. */
  cancelling: boolean;
  replayed: boolean;
}

/** The message or thought that is being told. */
export interface OpenItem {
  kind: 'message' | 'thought';
  item: string;
  /** The agent's own name for it, or who speaks; another one begins another item. */
  key: string;
  turn: string | null;
  length: number;
  hash: number;
}

export interface KnownCall {
  call: string;
  turn: string | null;
  kind: ToolKind;
  title: string;
  paths: string[];
  finished: boolean;
  /** When it began, milliseconds since 1970, where the agent tells. */
  began?: number;
  /** Its approval was answered with no. */
  denied: boolean;
  /** Hash of what was told of it last. */
  heard: number;
}

export interface OpenApproval {
  approval: string;
  /** The id of the agent's request. */
  request: string | number;
  call: string;
  options: ApprovalOption[];
  /** The end of a turn does not end it: its agent says when it is over. */
  stays?: true;
  /** What the driver needs to answer it: small. */
  extra: unknown;
}

/** A request to the agent that has not been answered. */
export interface OpenRequest {
  id: string | number;
  what: string;
  value?: string;
}

export interface BaseState {
  driver: string;
  version: number;
  run: string;
  cwd: string;
  maxLine: number;
  /** Bytes of output behind us, always at the end of a line, except in one that is too long. */
  consumed: number;
  /** We are in a line that is too long. */
  skipping: boolean;
  /** Bytes written to the agent in all. */
  written: number;
  junk: number;
  /** `deaf`: it does not speak the protocol, or could not start; whatever it prints is passed over. */
  life: 'starting' | 'ready' | 'deaf' | 'exited';
  /** No turn runs that we know of, and yet it cannot take a prompt now. */
  busy?: boolean;
  turn: RunningTurn | null;
  /** The turn that ended last: things may still come for it. */
  last: string | null;
  turns: number;
  items: number;
  asked: number;
  requests: number;
  open: OpenItem | null;
  calls: KnownCall[];
  approvals: OpenApproval[];
  waiting: OpenRequest[];
  session: string | null;
  /** History that an agent tells although it is known is passed over until this is false. */
  muted: boolean;
  stderr: Uint8Array;
}

export function baseState(driver: string, version: number, spec: StartSpec): BaseState {
  return {
    driver,
    version,
    run: spec.run,
    cwd: spec.cwd,
    maxLine: spec.maxLine ?? MAX_LINE,
    consumed: 0,
    skipping: false,
    written: 0,
    junk: 0,
    life: 'starting',
    turn: null,
    last: null,
    turns: 0,
    items: 0,
    asked: 0,
    requests: 0,
    open: null,
    calls: [],
    approvals: [],
    waiting: [],
    session: null,
    muted: false,
    stderr: new Uint8Array(0),
  };
}
