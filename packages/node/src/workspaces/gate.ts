/**
 * What stands before every write of an agent that Skein can see coming (rules W2, W3): the surface that drivers' runs, hooks,
 * file requests and sandboxes ask. Paths are absolute, or relative to the agent's directory; those outside the workspace are let through.
 */
import type { RefusalWhy } from '@skein/protocol/workspaces/events';
import type { Holder } from '@skein/protocol/workspaces/holder';

/** An agent's run, or a terminal's, in a workspace. */
export interface Writer {
  workspace: string;
  session: string;
  /** Null for a terminal's program. */
  agent: string | null;
  run: string;
  cwd: string;
  /**
   * Whether `read` is told of what it reads. What it reads otherwise, as by a shell, nobody knows: it then knows what it wrote
   * last, and what it was shown of another's writing.
   */
  tellsReads: boolean;
}

export interface Refused {
  why: RefusalWhy;
  /** Relative to the workspace. */
  paths: string[];
  holder: Holder | null;
  /** When its lease ends, milliseconds since 1970, about. */
  until: number | null;
  /** For the agent: who holds it, until when, and how to wait or ask; or what has changed, with the difference. */
  message: string;
}

export type Verdict = { ok: true; fence: number } | { ok: false; refused: Refused };

export interface WriteGate {
  /** What stands in the way now, from memory, changing nothing; undefined when nothing does. At most 50 µs (p99) a path. */
  look(writer: Writer, paths: readonly string[]): Refused | undefined;
  /**
   * Lets a tool call through: takes what is free (unless strict), looks whether it has changed since it was read, and keeps
   * others out until `end`. Resolves when that is durable. The same call again is let through again.
   */
  begin(writer: Writer, call: string, paths: readonly string[]): Promise<Verdict>;
  /** The call has ended, however: what it wrote is now the version that the writer knows. */
  end(writer: Writer, call: string): void;
  /** Its turn has ended, after every `end` before: calls that are left are over, and what it took by writing is free again. */
  turnEnded(writer: Writer): void;
  /**
   * The writer has read a file, and knows what is in it now; or what was in it at `at` (ms since 1970), when it began to read:
   * if it has changed since, its next write will be refused as stale.
   */
  read(writer: Writer, path: string, at?: number): void;
  /** A file's text, read by the node for the writer; `line` from 1. Throws `not_found`, `not_allowed`, `too_large`. */
  readText(writer: Writer, path: string, part?: { line?: number; limit?: number }): Promise<string>;
  /** Written by the node for the writer under its fence, whole or not at all. The same again is the same as once. */
  writeText(writer: Writer, call: string, path: string, text: string): Promise<Verdict>;
}
