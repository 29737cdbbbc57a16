/**
 * What of a conversation is on the screen: a place in it, moved by rows, never by counting all of them, so that a long
 * one costs no more than a short. Rows of blocks are kept while they are looked at.
 */
import { blockRows } from './block-rows.ts';
import type { Block } from './blocks.ts';
import { MessageRows } from './message-rows.ts';
import type { Row } from './style.ts';

/** The first row on the screen: a row of a block; `end` stays with what comes. */
export type Anchor = 'end' | { block: number; row: number };

export interface PlacedRow {
  row: Row;
  /** The index of its block; undefined for what stands between two. */
  block: number | undefined;
}

interface Kept {
  version: number;
  width: number;
  expanded: boolean;
  rows: Row[];
}

/** Blocks whose rows are kept. */
const MOST_KEPT = 1024;

export class Pane {
  anchor: Anchor = 'end';
  /** The block that is chosen, when one is. */
  chosen: number | undefined;
  /** Everything is unfolded, but what is named; or folded, but what is named. */
  expandAll = false;
  readonly #other = new Set<string>();
  readonly #kept = new Map<Block, Kept>();
  readonly #messages = new WeakMap<Block, MessageRows>();
  readonly #blocks: readonly Block[];
  #width = 80;

  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks;
  }

  set width(width: number) {
    this.#width = width;
  }

  isExpanded(block: Block): boolean {
    return this.expandAll !== this.#other.has(block.key);
  }

  toggle(block: Block): void {
    if (!this.#other.delete(block.key)) this.#other.add(block.key);
  }

  toggleAll(): void {
    this.expandAll = !this.expandAll;
    this.#other.clear();
  }

  /** The rows of a block, with the empty one that parts it from what is before. */
  rowsAt(index: number): Row[] {
    const block = this.#blocks[index];
    if (block === undefined) return [];
    const expanded = this.isExpanded(block);
    const { version } = block;
    const width = this.#width;
    const kept = this.#kept.get(block);
    if (kept?.version === version && kept.width === width && kept.expanded === expanded) return kept.rows;
    let message = this.#messages.get(block);
    if (message === undefined) {
      message = new MessageRows();
      this.#messages.set(block, message);
    }
    const rows = blockRows(block, { width, expanded }, message);
    if (rows.length > 0 && apart(this.#blocks[index - 1], block)) rows.unshift([]);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(block, { version, width, expanded, rows });
    return rows;
  }

  /** As many rows as there are, up to `height`. */
  window(height: number): PlacedRow[] {
    const from = this.#top(height);
    const out: PlacedRow[] = [];
    for (let index = from.block; index < this.#blocks.length && out.length < height; index++) {
      const rows = this.rowsAt(index);
      const start = index === from.block ? Math.min(from.row, Math.max(0, rows.length - 1)) : 0;
      for (let i = start; i < rows.length && out.length < height; i++)
        out.push({ row: rows[i] ?? [], block: index });
    }
    return out;
  }

  /** Moves by rows, down if positive; at the bottom it stays with what comes. */
  scroll(delta: number, height: number): void {
    const end = this.#endAnchor(height);
    let { block, row } = this.#top(height);
    row += delta;
    while (row < 0 && block > 0) {
      block--;
      row += this.rowsAt(block).length;
    }
    for (let rows = this.rowsAt(block).length; row >= rows && block < this.#blocks.length - 1; ) {
      row -= rows;
      block++;
      rows = this.rowsAt(block).length;
    }
    row = Math.max(0, row);
    const past = block > end.block || (block === end.block && row >= end.row);
    this.anchor = past ? 'end' : { block, row };
  }

  toStart(): void {
    this.anchor = { block: 0, row: 0 };
  }

  /** Moves as little as shows the block: its beginning, when it is taller than the screen. */
  reveal(index: number, height: number, row = 0): void {
    const top = this.#top(height);
    if (index < top.block || (index === top.block && row < top.row)) {
      this.anchor = { block: index, row };
      return;
    }
    let below = -top.row + row;
    for (let i = top.block; i < index && below < height; i++) below += this.rowsAt(i).length;
    const size = Math.min(height, Math.max(1, this.rowsAt(index).length - row));
    if (below + size > height) {
      this.anchor = { block: index, row };
      this.scroll(-(height - size), height);
    }
  }

  /** Rows hidden below the screen: whether something is there that is not seen. */
  get following(): boolean {
    return this.anchor === 'end';
  }

  #top(height: number): { block: number; row: number } {
    return this.anchor === 'end' ? this.#endAnchor(height) : this.anchor;
  }

  #endAnchor(height: number): { block: number; row: number } {
    let left = height;
    for (let block = this.#blocks.length - 1; block >= 0; block--) {
      const rows = this.rowsAt(block).length;
      if (rows >= left) return { block, row: rows - left };
      left -= rows;
    }
    return { block: 0, row: 0 };
  }
}

/** Calls and remarks that follow each other stand together. */
function apart(before: Block | undefined, block: Block): boolean {
  if (before === undefined || block.kind === 'end') return false;
  const small = (b: Block) => b.kind === 'tool' || b.kind === 'remark' || b.kind === 'thought';
  return !(small(before) && small(block));
}
