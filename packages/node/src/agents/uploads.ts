/** What clients hand over for prompts that are too large for a command: in memory, for minutes, of bounded size and number. */
import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import { MAX_PROMPT, MAX_PROMPT_PARTS } from '@skein/protocol/agents/limits';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { Command } from '../kernel/types.ts';
import { offHeap } from '../off-heap.ts';
import type { PromptFacts } from './decide-prompts.ts';

/** Milliseconds for which what nobody uses is kept; and what was asked for, by a command that may have failed and come again. */
const KEEP_MS = 5 * 60_000;
const USED_MS = 30_000;
/** Bytes of all that is kept. */
const MOST = 8 * MAX_PROMPT;
/** Handles of one session, as many as a prompt can name; and of all. Each costs a look now and then, however little it holds. */
const MOST_IN_SESSION = MAX_PROMPT_PARTS;
const MOST_HANDLES = 8 * MOST_IN_SESSION;

interface Upload {
  session: string;
  /** As long as any may become; what is not written to costs nothing. */
  room: Uint8Array<ArrayBuffer>;
  size: number;
  until: number;
}

export class Uploads {
  readonly #held = new Map<string, Upload>();
  readonly #now: () => number;
  /** Of all that is held. */
  #bytes = 0;
  #next: NodeJS.Timeout | undefined;

  /** `now`: milliseconds that only grow, whoever sets the clock of the day. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Adds to what a handle stands for, or begins anew. Throws `upload_gone`, `too_large`, `mailbox_full`. */
  add(session: string, handle: string | undefined, bytes: Uint8Array): { handle: string; size: number } {
    this.#sweep();
    const name = handle ?? newId() + newId();
    const held = handle === undefined ? this.#fresh(session) : this.#of(session, handle);
    if (held.size + bytes.length > MAX_PROMPT)
      throw new SkeinError(
        'too_large',
        `A prompt may have ${MAX_PROMPT} bytes. Put the rest into a file and name that.`,
      );
    if (this.#bytes + bytes.length > MOST) throw tooMuch();
    held.room.set(bytes, held.size);
    held.size += bytes.length;
    this.#bytes += bytes.length;
    held.until = this.#now() + KEEP_MS;
    this.#held.set(name, held);
    return { handle: name, size: held.size };
  }

  /** What the parts of a prompt name, as a decision needs it: undefined for a command that names nothing. */
  factsFor(command: Command): PromptFacts | undefined {
    const named = this.#named(command);
    if (named === undefined) return undefined;
    this.#sweep();
    const uploads: Record<string, string> = {};
    for (const { handle, held, image } of named) {
      held.until = Math.min(held.until, this.#now() + USED_MS);
      const bytes = Buffer.from(held.room.buffer, 0, held.size);
      uploads[handle] = image ? bytes.toString('base64') : bytes.toString('utf8');
    }
    return { uploads };
  }

  /** A command has done with what it named: its events hold that now. */
  used(command: Command): void {
    for (const { handle, held } of this.#named(command) ?? []) {
      // Named twice it goes once.
      if (!this.#drop(handle)) continue;
      offHeap.released(held.size);
      held.room.buffer.transfer(0);
    }
    this.#sweep();
  }

  /** What is kept of what a prompt's parts name; undefined of a command that names nothing. */
  #named({ target, ...command }: Command): { handle: string; held: Upload; image: boolean }[] | undefined {
    const { type, body } = innerOf(command);
    if (type !== 'prompt.queue' && type !== 'prompt.edit') return undefined;
    const { parts } = (body ?? {}) as { parts?: unknown };
    if (!Array.isArray(parts)) return undefined;
    return (parts as Partial<PromptPartGiven & { upload: unknown }>[]).flatMap((part) => {
      if (typeof part !== 'object' || part === null || typeof part.upload !== 'string') return [];
      const held = this.#held.get(part.upload);
      if (held === undefined || target !== `session/${held.session}`) return [];
      return [{ handle: part.upload, held, image: part.type === 'image' }];
    });
  }

  #of(session: string, handle: string): Upload {
    const held = this.#held.get(handle);
    if (held !== undefined && held.session === session) return held;
    throw new SkeinError('upload_gone', 'What was handed over before is not kept any more. Send it again.');
  }

  #fresh(session: string): Upload {
    const here = [...this.#held.values()].filter((one) => one.session === session).length;
    if (here >= MOST_IN_SESSION || this.#held.size >= MOST_HANDLES) throw tooMuch();
    return { session, room: new Uint8Array(MAX_PROMPT), size: 0, until: 0 };
  }

  #drop(handle: string): boolean {
    this.#bytes -= this.#held.get(handle)?.size ?? 0;
    return this.#held.delete(handle);
  }

  #sweep(): void {
    const now = this.#now();
    for (const [handle, { until }] of this.#held) if (until <= now) this.#drop(handle);
    // What is too old goes also when nobody comes any more.
    clearTimeout(this.#next);
    if (this.#held.size > 0) this.#next = setTimeout(() => this.#sweep(), USED_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#next);
    this.#held.clear();
    this.#bytes = 0;
  }
}

/** A prompt that another machine tells of is in what it tells. */
function innerOf({ type, body }: Pick<Command, 'type' | 'body'>): { type: unknown; body: unknown } {
  if (type !== 'home.tell') return { type, body };
  const told = (body ?? {}) as { type?: unknown; body?: unknown };
  return { type: told.type, body: told.body };
}

function tooMuch(): SkeinError {
  return new SkeinError('mailbox_full', 'Too much is being handed over at once. Try again in a minute.');
}
