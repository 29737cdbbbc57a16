/** The screens of a host's runs (rule H5): one emulator for all of them, in a worker. */
import { Emulator, type EmulatorOptions } from '../terminal/emulator/emulator.ts';
import type { Journal } from './journal.ts';
import { RunScreen, type ScreenEvents } from './run-screen.ts';

export class Screens {
  readonly #emulator: Emulator;
  readonly #runs = new Map<string, RunScreen>();

  constructor(source?: string) {
    const options: EmulatorOptions = {
      events: {
        answer: (run, offset, data) => this.#runs.get(run)?.events.answer(offset, data),
        frame: (run, viewer, data, offset) => this.#runs.get(run)?.events.frame(viewer, offset, data),
        progress: (run, offset) => this.#runs.get(run)?.progressed(offset),
        lost: (runs) => {
          for (const run of runs) this.#runs.get(run)?.lost();
        },
      },
    };
    this.#emulator = new Emulator(source === undefined ? options : { ...options, source });
  }

  open(
    run: string,
    dir: string,
    journal: Journal,
    size: { cols: number; rows: number },
    events: ScreenEvents,
  ): RunScreen {
    const screen = new RunScreen(this.#emulator, run, dir, journal, size, events, () =>
      this.#runs.delete(run),
    );
    this.#runs.set(run, screen);
    return screen;
  }

  async stop(): Promise<void> {
    for (const screen of this.#runs.values()) screen.stop();
    await this.#emulator.stop();
  }
}
