/** Ink as what lays a screen out: it writes whole frames to here, and the painter brings them to the terminal. */
import { PassThrough, Writable } from 'node:stream';
import { type Instance, render } from 'ink';
import type { ComponentType } from 'react';
import { Slots } from './slots.ts';

class Frames extends Writable {
  readonly isTTY = true;
  columns = 80;
  rows = 24;
  last = '';

  override _write(chunk: Buffer | string, _: string, done: () => void): void {
    this.last = chunk.toString();
    done();
  }
}

/** A screen's size, and how many rows are laid out: more than it has where it is very low. */
interface Sized {
  cols: number;
  rows: number;
  height: number;
}

export class InkScreen<View extends Sized> {
  readonly #app: ComponentType<{ view: View; slots: Slots }>;
  readonly #frames = new Frames({ decodeStrings: false });
  readonly #colours: boolean;
  #ink: Instance | undefined;

  constructor(app: ComponentType<{ view: View; slots: Slots }>, colours: boolean) {
    this.#app = app;
    this.#colours = colours;
  }

  /** The view as lines, one for each row of the terminal. */
  lines(view: View): string[] {
    this.#frames.columns = view.cols;
    this.#frames.rows = view.height;
    const slots = new Slots(this.#colours);
    const App = this.#app;
    const app = <App view={view} slots={slots} />;
    if (this.#ink === undefined)
      this.#ink = render(app, {
        stdout: this.#frames as unknown as NodeJS.WriteStream,
        stderr: this.#frames as unknown as NodeJS.WriteStream,
        stdin: new PassThrough() as unknown as NodeJS.ReadStream,
        // Every frame whole and at once: when there is one to be drawn is decided elsewhere.
        debug: true,
        interactive: true,
        patchConsole: false,
        exitOnCtrlC: false,
        isScreenReaderEnabled: false,
      });
    else this.#ink.rerender(app);
    const lines = this.#frames.last.split('\n').map((line) => slots.filled(line));
    return lines.slice(Math.max(0, view.height - view.rows));
  }

  stop(): void {
    this.#ink?.unmount();
    this.#ink = undefined;
  }
}
