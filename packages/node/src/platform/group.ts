/**
 * Runs a program to its end in a process group of its own: for a limited time, with what it prints kept within bounds, and
 * ended with all that it has started. Nothing of it can ask a terminal anything: it has none.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { pipeline } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { findByEnvironment, signalGroup } from './process.ts';

/** In the environment of all that it starts: by it what has left its group is found. */
const MARK = 'SKEIN_GROUP';

/** Milliseconds between SIGTERM and SIGKILL; and for what is in the pipes when the program has ended. */
const GRACE_MS = 3_000;
const DRAIN_MS = 250;
/** Looks at what has left the group, and milliseconds between two: what is killed takes a moment to go, or has just started another. */
const LOOKS = 50;
const LOOK_MS = 20;

export interface GroupOptions {
  cwd: string;
  env: Record<string, string>;
  /** Milliseconds. */
  timeout: number;
  /** What has left its group lives on when it is ended: what git starts of that kind serves others as well, as ssh's masters do. */
  lasting?: boolean | undefined;
  /** Ends it. */
  signal?: AbortSignal | undefined;
  input?: string | Uint8Array | undefined;
  /** What it reads instead: a file from a byte on. */
  from?: { file: string; at: number } | undefined;
  /** Bytes of each stream that are kept: of stdout the first, of stderr the last. */
  most: number;
  /** Both streams are kept as one, in the order in which they came, and the last of that as stdout. */
  joined?: boolean | undefined;
  /** What it prints on stderr, as it comes. */
  onErrors?: ((bytes: Buffer) => void) | undefined;
}

export interface GroupEnd {
  /** Null when a signal ended it. */
  code: number | null;
  why: 'exit' | 'timeout' | 'aborted';
  stdout: Buffer;
  stderr: Buffer;
  /** More was printed on stdout than was kept. */
  cut: boolean;
}

/** Groups that are being ended, with the marks of what they have started: where this process ends first, they have no more time. */
const endingNow = new Map<number, string>();
process.on('exit', () => {
  for (const [group, mark] of endingNow) {
    signalGroup(group, 'SIGKILL');
    for (const { pid } of findByEnvironment(MARK, mark)) signalGroup(pid, 'SIGKILL');
  }
});

/** Resolves when it has ended, however. Rejects with `program_not_found` when it cannot be started. */
export async function runGroup(
  argv: readonly [string, ...string[]],
  options: GroupOptions,
): Promise<GroupEnd> {
  const { cwd, timeout, signal, input, from, most, joined = false, lasting = false, onErrors } = options;
  const [program, ...args] = argv;
  const mark = newId();
  const env = { ...options.env, ...(lasting ? {} : { [MARK]: mark }) };
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const out = new Kept(most, joined ? 'last' : 'first');
  const errors = joined ? out : new Kept(most, 'last');
  child.stdout.on('data', (bytes: Buffer) => out.add(bytes));
  child.stderr.on('data', (bytes: Buffer) => {
    errors.add(bytes);
    onErrors?.(bytes);
  });
  // One that ends without reading is no error.
  child.stdin.on('error', () => {});
  if (from === undefined) child.stdin.end(input);
  else pipeline(fs.createReadStream(from.file, { start: from.at }), child.stdin, () => {});
  let why: GroupEnd['why'] = 'exit';
  const timers: NodeJS.Timeout[] = [];
  const later = (ms: number, act: () => void) => void timers.push(setTimeout(act, ms));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const end = (cause: 'timeout' | 'aborted') => {
    if (why !== 'exit' || child.pid === undefined) return;
    why = cause;
    const { pid } = child;
    if (!lasting) endingNow.set(pid, mark);
    signalGroup(pid, 'SIGTERM');
    later(GRACE_MS, () => signalGroup(pid, 'SIGKILL'));
  };
  const aborted = () => end('aborted');
  later(timeout, () => end('timeout'));
  signal?.addEventListener('abort', aborted);
  child.once('error', (error) =>
    reject(new SkeinError('program_not_found', `${program} cannot be run: ${error.message}.`, { program })),
  );
  // What it has left running may keep the pipes open for ever.
  child.once('exit', (code) => {
    if (child.pid !== undefined) hangUp(child.pid, why === 'exit' ? 'SIGHUP' : 'SIGKILL');
    later(DRAIN_MS, () => resolve(code));
  });
  child.once('close', (code) => resolve(code));
  if (signal?.aborted === true) aborted();
  try {
    const code = await promise;
    if (why !== 'exit' && !lasting) await endMarked(MARK, mark);
    return {
      code,
      why,
      stdout: out.bytes(),
      stderr: joined ? Buffer.alloc(0) : errors.bytes(),
      cut: out.cut,
    };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    if (child.pid !== undefined) endingNow.delete(child.pid);
    signal?.removeEventListener('abort', aborted);
    child.stdout.destroy();
    child.stderr.destroy();
    child.removeAllListeners();
    child.on('error', () => {});
  }
}

/** What is left of a group whose leader has ended, as when a terminal is closed: what wants to live on can. */
function hangUp(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody is left in it.
  }
}

/** Ends all that was started with `NAME=value` in its environment, as by a node that was killed since. */
export async function endMarked(name: string, value: string): Promise<void> {
  for (let n = 0; n < LOOKS; n++) {
    const left = findByEnvironment(name, value);
    if (left.length === 0) return;
    for (const { pid } of left) signalGroup(pid, 'SIGKILL');
    await sleep(LOOK_MS);
  }
}

/** The first or the last bytes of a stream. */
class Kept {
  readonly #most: number;
  readonly #which: 'first' | 'last';
  #chunks: Buffer[] = [];
  #size = 0;
  cut = false;

  constructor(most: number, which: 'first' | 'last') {
    this.#most = most;
    this.#which = which;
  }

  add(bytes: Buffer): void {
    if (this.#which === 'first') {
      const room = this.#most - this.#size;
      if (bytes.length > room) this.cut = true;
      if (room <= 0) return;
      this.#chunks.push(bytes.subarray(0, room));
      this.#size += Math.min(room, bytes.length);
      return;
    }
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    for (let first = this.#chunks[0]; first !== undefined; first = this.#chunks[0]) {
      const over = this.#size - this.#most;
      if (over <= 0) return;
      this.cut = true;
      const gone = Math.min(over, first.length);
      if (gone === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(gone);
      this.#size -= gone;
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
