/**
 * What a connection asks of the node on behalf of whoever is at its other end (rules K1, M2). Everything that arrives goes
 * through here, and through nothing else.
 */
import type { ClientFrame } from '@skein/protocol/channel/frames';
import type { SkeinError } from '@skein/protocol/errors';
import type { Command, KernelApi, Page, Reply } from '../kernel/types.ts';
import type { Principal } from '../members/principal.ts';
import type { Lane, LaneContext } from './lane.ts';

/** Whoever is at the other end: a principal, or an agent, which proves by its hello which one it is. */
export type Caller = Principal | { kind: 'agent' };

export type Frame<T extends ClientFrame['t']> = Extract<ClientFrame, { t: T }>;

export interface Visit {
  /** Its hello has come, with what it proves who it is by. Rejects with what it is refused with, before it is welcomed. */
  greet?(proof: string | undefined): Promise<unknown>;
  /** Before anything is done about a frame. Throws what it is refused with. */
  admit(frame: ClientFrame): void;
  ask(type: string, body: unknown, aborted: AbortSignal): Promise<unknown>;
  /** Never rejects. */
  execute(command: Command): Promise<Reply>;
  ack(client: string, seq: number): void;
  /** Whether a stream may be read, settled at once; then how its pages are to be given, undefined for as they are. */
  reading(stream: string): () => Promise<((page: Page) => Page) | undefined>;
  /** Whether a blob may be read. */
  fetching(frame: Frame<'fetch'>): Promise<void>;
  openTerminal(frame: Frame<'open'>, lane: LaneContext): Lane;
}

/** Begins a visit; `end` closes its connection with what it is refused with. */
export type Visits = (by: Caller, end: (error: SkeinError) => void) => Visit;

export interface OwnerContext {
  kernel: KernelApi;
  /** Has a command decided, with what the node adds to it. */
  execute(by: unknown, command: Command): Promise<Reply>;
  ask(type: string, body: unknown, aborted: AbortSignal, by: Principal): Promise<unknown>;
  openTerminal(by: Principal, frame: Frame<'open'>, lane: LaneContext): Lane;
}

/** The machine's user, who may do everything. */
export function ownerVisit({ kernel, execute, ask, openTerminal }: OwnerContext, by: Principal): Visit {
  return {
    admit: () => {},
    ask: (type, body, aborted) => ask(type, body, aborted, by),
    execute: (command) => execute(by, command),
    ack: (client, seq) => kernel.ack(client, seq),
    reading: () => async () => undefined,
    fetching: async () => {},
    openTerminal: (frame, lane) => openTerminal(by, frame, lane),
  };
}
