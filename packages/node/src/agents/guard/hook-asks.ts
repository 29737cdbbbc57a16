/**
 * What the hooks of an agent in a workspace ask before it writes, and tell before it reads (rules W2, W3): taken from the files
 * that they leave, answered by what the gate says. A file stays until it is answered, so that a node that was killed answers it
 * when it is back.
 */
import { FOR_NOW, SkeinError } from '@skein/protocol/errors';
import * as z from 'zod';
import { ident } from '../../drivers/bounds.ts';
import { newsOf } from '../../drivers/claude/tools.ts';
import { ASK_EVENT, denied, READ_EVENT } from '../../hooks/ask-first.ts';
import { madeAt } from '../../hooks/post.ts';
import { HookSpool, type Reported } from '../../hooks/spool.ts';
import type { NewEvent } from '../../kernel/types.ts';
import type { Guard } from './guard.ts';

/** Milliseconds until a question is looked at again that could not be answered. */
const AGAIN_MS = 500;

/** Questions remembered, so that one which is given up can be told to which call it belongs. */
const MAX_ASKED = 256;

const id = z.string().min(1).max(64);
const data = z.looseObject({
  tool_name: z.string(),
  tool_input: z.record(z.string(), z.unknown()).catch({}),
  tool_use_id: z.string().min(1),
  cwd: z.string().nullish(),
});
const reported = z.union([
  z.object({ id, hook: z.enum([ASK_EVENT, READ_EVENT]), data }),
  z.object({ id, gone: id }),
]);
type Call = z.infer<typeof data>;

export class HookAsks {
  readonly #spool: HookSpool;
  readonly #guard: Guard;
  readonly #tell: (event: NewEvent) => Promise<void>;
  /** Files that are being answered, by name. */
  readonly #taken = new Set<string>();
  /** What is being asked about each call, by the ids of the reports. */
  readonly #asked = new Map<string, Promise<string>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  /** `tell` makes what it is given an event of the session. */
  constructor(dir: string, guard: Guard, tell: (event: NewEvent) => Promise<void>) {
    this.#spool = new HookSpool(dir, () => this.#look());
    this.#guard = guard;
    this.#tell = tell;
  }

  start(): void {
    this.#spool.start();
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#spool.stop();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #look(): void {
    if (this.#stopped) return;
    for (const report of this.#spool.reports(this.#taken)) {
      this.#taken.add(report.name);
      void this.#take(report);
    }
  }

  async #take(report: Reported): Promise<void> {
    const parsed = reported.safeParse(jsonOf(report.line));
    // What our hooks did not write, or not whole: whoever waits for it gives up by itself.
    if (!parsed.success) return this.#done(report);
    const told = parsed.data;
    if ('gone' in told) {
      const call = await this.#asked.get(told.gone);
      if (call !== undefined) this.#guard.over(call);
      return this.#done(report);
    }
    if (told.hook === READ_EVENT) {
      for (const file of pathsOf(told.data))
        this.#guard.reads(file, madeAt(told.id), told.data.cwd ?? undefined);
      return this.#done(report);
    }
    const call = ident(told.data.tool_use_id);
    const answering = this.#answer(call, told.data);
    this.#remember(
      told.id,
      answering.then(() => call),
    );
    const answer = await answering;
    if (this.#stopped) return;
    if (answer === undefined) return this.#later(report);
    this.#spool.answer(told.id, answer);
    this.#done(report);
  }

  /** Undefined when nobody can tell now. */
  async #answer(call: string, data: Call): Promise<string | undefined> {
    try {
      const verdict = await this.#guard.begin(call, pathsOf(data), data.cwd ?? undefined);
      if (verdict.ok) return '';
      if (!this.#stopped) await this.#tell(this.#guard.refusal(verdict.refused, call));
      return denied(verdict.refused.message);
    } catch (thrown) {
      const { code, message } = SkeinError.from(thrown);
      return FOR_NOW.includes(code) ? undefined : denied(message);
    }
  }

  #remember(id: string, call: Promise<string>): void {
    this.#asked.set(id, call);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MAX_ASKED && oldest !== undefined) this.#asked.delete(oldest);
  }

  #done(report: Reported): void {
    this.#spool.remove([report]);
    this.#taken.delete(report.name);
  }

  #later(report: Reported): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#taken.delete(report.name);
      this.#look();
    }, AGAIN_MS);
    this.#timers.add(timer.unref());
  }
}

/** As they were said: the gate reads each in all the ways in which it may be meant. */
function pathsOf({ tool_name, tool_input }: Call): string[] {
  return newsOf(tool_name, tool_input).paths ?? [];
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
