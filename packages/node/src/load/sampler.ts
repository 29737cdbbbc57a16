/** What programs take, looked at only while somebody asks: no timer of it runs, and between two lookers nothing is kept up. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Use } from '@skein/protocol/machines/load';
import { memoryOf, processTable, type TableEntry } from '../platform/process-table.ts';
import { type Moment, momentOf, type Root, treesOf, useOf } from './trees.ts';

/** Milliseconds for which one look serves all who ask. */
const FRESH_MS = 900;
/** Milliseconds after which what processes had used says nothing of now; and between the two looks that are made then. */
const STALE_MS = 10_000;
const APART_MS = 250;
/** Milliseconds for which a process's memory is not asked again: the system walks through all of it. */
const MEMORY_MS = 3_000;
/** Of these at the same time. */
const MEMORY_ASKS = 4;

type Uses = ReadonlyMap<number, Use>;

interface Known {
  start: string | undefined;
  at: number;
  bytes: number;
}

export class Sampler {
  #moment: Moment | undefined;
  #last: { at: number; uses: Uses } | undefined;
  #looking: Promise<Uses> | undefined;
  #memory = new Map<number, Known>();

  /** By the pid of each root that is there. `roots` is asked once it is known that a look is due. */
  uses(roots: () => Promise<readonly Root[]>): Promise<Uses> {
    if (this.#last !== undefined && performance.now() - this.#last.at < FRESH_MS)
      return Promise.resolve(this.#last.uses);
    this.#looking ??= this.#look(roots).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(roots: () => Promise<readonly Root[]>): Promise<Uses> {
    let before = this.#moment;
    if (before === undefined || performance.now() - before.at > STALE_MS) {
      const began = performance.now();
      before = momentOf(await processTable(), began);
      await sleep(APART_MS);
    }
    const at = performance.now();
    const [table, wanted] = await Promise.all([processTable(), roots()]);
    const trees = treesOf(wanted, table);
    await this.#weigh([...trees.values()].flat());
    const uses = new Map<number, Use>();
    for (const [pid, tree] of trees)
      uses.set(
        pid,
        useOf(tree, before, at, (one) => this.#memory.get(one.pid)?.bytes ?? 0),
      );
    this.#moment = momentOf(table, at);
    this.#last = { at: performance.now(), uses };
    return uses;
  }

  /** Asks for the memory of those where that is due, and forgets the others. */
  async #weigh(entries: readonly TableEntry[]): Promise<void> {
    const now = performance.now();
    const kept = new Map<number, Known>();
    const due: TableEntry[] = [];
    for (const entry of entries) {
      const known = this.#memory.get(entry.pid);
      const fresh = known?.start === entry.start && now - (known?.at ?? 0) < MEMORY_MS;
      if (known !== undefined && fresh) kept.set(entry.pid, known);
      else due.push(entry);
    }
    const workers = Array.from({ length: MEMORY_ASKS }, async () => {
      for (let one = due.pop(); one !== undefined; one = due.pop())
        kept.set(one.pid, { start: one.start, at: now, bytes: await memoryOf(one) });
    });
    await Promise.all(workers);
    this.#memory = kept;
  }
}
