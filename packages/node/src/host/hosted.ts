/** What a host needs of a run that it holds, on a PTY or on pipes. */
import type { HostKind } from '@skein/protocol/host/kind';
import type { RunScreen } from './run-screen.ts';
import type { Typing } from './typing.ts';
import type { Viewed } from './viewed.ts';
import type { Viewer } from './viewer.ts';

export interface Exit {
  code: number | null;
  signal: number | null;
  /** Of its output. */
  bytes: number;
  /** The last that it wrote there, where that is heard apart. */
  stderr?: string;
}

export interface Hosted extends Viewed {
  readonly kind: HostKind;
  readonly run: string;
  readonly dir: string;
  readonly pid: number;
  readonly exit: Exit | undefined;
  readonly viewers: ReadonlySet<Viewer>;
  readonly attached: number;
  /** Whose terminals show it: one entry a terminal. */
  readonly who: string[];
  /** Whose input came; undefined where only a driver writes. */
  readonly typing: Typing | undefined;
  readonly stderr: string | undefined;
  acceptedOf(attachment: string): number;
  add(viewer: Viewer): void;
  /** Throws `not_a_terminal`, as `resize` does. */
  snapshot(form: 'text' | 'ansi', history: number): ReturnType<RunScreen['snapshot']>;
  resize(cols: number, rows: number, veiled?: boolean): void;
  /** It has ended: tries again to keep what a full disk did not take of its last output and screen, and says whether it is kept. */
  keep(): boolean;
  /** Its end is recorded: what a full disk did not take of its last output and screen, it may take now. */
  settled(): Promise<void>;
}
