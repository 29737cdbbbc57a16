/** What `skein top` shows now and what its keys have done to that: changed by keys and by what nodes tell. */
import type { LoadAnswer } from '@skein/protocol/machines/load';
import { arranged, type Sort } from './order.ts';
import { type Machine, machinesOf, rowsOf, type TopRow } from './rows.ts';

export type TopMode =
  | { kind: 'list' }
  | { kind: 'filter'; before: string }
  | { kind: 'help' }
  /** Asks whether to stop this one. */
  | { kind: 'stop'; row: TopRow };

/** What outlives a look into a session. */
export interface Kept {
  sort: Sort;
  reversed: boolean;
  filter: string;
  selected: string | undefined;
}

export class TopState {
  size = { cols: 80, rows: 24 };
  mode: TopMode = { kind: 'list' };
  notice: { text: string; bad: boolean } | undefined;
  /** Since when the node does not answer: a performance.now(). */
  cutSince: number | undefined;
  loaded = false;
  machines: Machine[] = [];
  /** Those that are shown, in order. */
  rows: TopRow[] = [];
  /** The first that is on the screen. */
  top = 0;
  #all: TopRow[] = [];
  #kept: Kept;

  constructor(kept: Partial<Kept> = {}) {
    this.#kept = { sort: 'state', reversed: false, filter: '', selected: undefined, ...kept };
  }

  get kept(): Kept {
    return this.#kept;
  }

  get total(): number {
    return this.#all.length;
  }

  /** All there are, whatever is filtered. */
  get all(): readonly TopRow[] {
    return this.#all;
  }

  told(answer: LoadAnswer): void {
    this.loaded = true;
    this.#all = rowsOf(answer);
    this.machines = machinesOf(answer);
    this.#arrange();
  }

  sortBy(sort: Sort): void {
    const reversed = this.#kept.sort === sort && !this.#kept.reversed;
    this.#kept = { ...this.#kept, sort, reversed };
    this.#arrange();
  }

  filterBy(filter: string): void {
    this.#kept = { ...this.#kept, filter };
    this.#arrange();
  }

  get selected(): TopRow | undefined {
    return this.rows[this.at];
  }

  /** Where the selected one stands; it stays selected wherever it goes. */
  get at(): number {
    const at = this.rows.findIndex(({ key }) => key === this.#kept.selected);
    return at < 0 ? Math.min(this.#last, Math.max(0, this.rows.length - 1)) : at;
  }

  #last = 0;

  select(at: number): void {
    this.#last = Math.max(0, Math.min(at, this.rows.length - 1));
    this.#kept = { ...this.#kept, selected: this.rows[this.#last]?.key };
  }

  #arrange(): void {
    const before = this.at;
    const { sort, reversed, filter, selected } = this.#kept;
    this.rows = arranged(this.#all, sort, reversed, filter);
    // One that is gone leaves its place to who comes there.
    if (selected === undefined || !this.rows.some(({ key }) => key === selected)) this.#last = before;
    else this.#last = this.at;
  }

  tell(text: string, bad = false): void {
    this.notice = { text, bad };
  }
}
