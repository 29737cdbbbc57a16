/** What connects a run's process with whoever drives it: pipes (run-link.ts), or a terminal with hooks (terminal-link.ts). */
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Input, Write } from '../drivers/driver.ts';
import type { BaseState } from '../drivers/state.ts';

export interface Exit {
  code: number | null;
  signal: number | null;
}

export interface LinkEvents {
  /** There is something to take, or the program has ended. */
  news(): void;
  /** The connection is gone, and the program has not ended as far as is known. */
  lost(): void;
}

export interface Link {
  /** Goes on where the driver stands; `writes` are those that may not have arrived. */
  open(state: BaseState, writes: readonly Write[], session: SessionState): Promise<void>;
  /** The same of a program whose host is gone: what is left on disk. */
  openLeft(state: BaseState): void;
  /** Whether nothing waits to be taken. */
  readonly idle: boolean;
  /** Whether so much waits that no more need be gathered. */
  readonly plenty: boolean;
  take(session: SessionState): Input[];
  /** How the program ended, once all that came of it was taken. */
  readonly ended: Exit | undefined;
  /** What is left to be said of it then, before its end. */
  rest(): Input[];
  /** Whether nothing has happened that was not taken, so that a prompt meets what the driver knows. Looks, if not. */
  fresh(): boolean;
  /** Writes that are recorded, and may be made. */
  send(writes: readonly Write[]): void;
  /** The driver stands here, and more may come. */
  flow(state: BaseState): void;
  /** The driver's state is recorded: what is behind it need not be kept. */
  recorded(state: BaseState): void;
  /** The writes that need no longer be kept, each told once. */
  arrived(): number[];
  /** The writes that may not have arrived. */
  readonly unsent: number[];
  close(): void;
}
