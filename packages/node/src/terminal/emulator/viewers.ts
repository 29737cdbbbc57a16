/** The rendered viewers of one run, and when each is due a frame: on change, with credit, and not too often (H6). */

import { Frames, type Size } from '../screen/render.ts';
import type { Screen } from '../screen/screen.ts';

/** Milliseconds between two frames of a viewer: 60 a second. */
const FRAME_MS = 1000 / 60;

/** Milliseconds that a program's synchronized update may hold frames back, lest one that died in it freeze its viewers. */
const SYNC_MS = 100;

interface Viewer {
  frames: Frames;
  /** Frames it may have before it has consumed the last. */
  credit: number;
  last: number;
  dirty: boolean;
}

export class Viewers {
  readonly #viewers = new Map<string, Viewer>();
  readonly #emit: (viewer: string, data: Uint8Array) => void;
  readonly #screen: () => Screen;
  #timer: NodeJS.Timeout | undefined;
  #syncSince: number | undefined;

  constructor(screen: () => Screen, emit: (viewer: string, data: Uint8Array) => void) {
    this.#screen = screen;
    this.#emit = emit;
  }

  set(name: string, size: Size): void {
    const viewer = this.#viewers.get(name);
    if (viewer === undefined) {
      this.#viewers.set(name, { frames: new Frames(size), credit: 1, last: -Infinity, dirty: true });
    } else {
      viewer.frames.resize(size);
      viewer.dirty = true;
    }
    this.#run();
  }

  remove(name: string): void {
    this.#viewers.delete(name);
  }

  consumed(name: string): void {
    const viewer = this.#viewers.get(name);
    if (viewer !== undefined) viewer.credit = 1;
    this.#run();
  }

  /** The screen changed. */
  changed(): void {
    if (this.#viewers.size === 0) return;
    for (const viewer of this.#viewers.values()) viewer.dirty = true;
    this.#run();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#viewers.clear();
  }

  /** Emits what is due, and sets the clock for what will be. */
  #run(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    let wait = this.#syncWait(now);
    const held = wait < Infinity;
    for (const [name, viewer] of this.#viewers) {
      if (!viewer.dirty || viewer.credit === 0) continue;
      const due = viewer.last + FRAME_MS - now;
      if (due > 0) wait = Math.min(wait, due);
      if (due > 0 || held) continue;
      viewer.dirty = false;
      const data = viewer.frames.next(this.#screen());
      if (data === undefined) continue;
      viewer.last = now;
      viewer.credit = 0;
      this.#emit(name, data);
    }
    if (wait < Infinity) this.#timer = setTimeout(() => this.#run(), Math.ceil(wait));
  }

  /** How long frames are to be held because the program is in the middle of an update; Infinity when they are not. */
  #syncWait(now: number): number {
    if (!this.#screen().core.coreService.decPrivateModes.synchronizedOutput) {
      this.#syncSince = undefined;
      return Infinity;
    }
    this.#syncSince ??= now;
    const left = this.#syncSince + SYNC_MS - now;
    return left > 0 ? left : Infinity;
  }
}
