/** The screens of a host's runs (rule H5): one emulator for all of them, in a worker. */
import { Emulator } from '../terminal/emulator/emulator.ts';
import type { EmulatorOptions } from '../terminal/emulator/emulator-options.ts';
import type { Journal } from './journal.ts';
import { RunScreen } from './run-screen.ts';
import type { ScreenEvents } from './screen-events.ts';

export class Screens {
  readonly #emulator: Emulator;
  readonly #runs = new Map<string, RunScreen>();

  constructor({ source, lookEvery }: Pick<EmulatorOptions, 'source' | 'lookEvery'>) {
    this.#emulator = new Emulator({
      ...(source !== undefined && { source }),
      ...(lookEvery !== undefined && { lookEvery }),
      events: {
        answers: (run, answers) => this.#runs.get(run)?.events.answers(answers),
        frame: (run, viewer, data, offset) => this.#runs.get(run)?.events.frame(viewer, offset, data),
        progress: (run, offset) => this.#runs.get(run)?.progressed(offset),
        lost: (runs, _, culprit) => {
          for (const run of runs) this.#runs.get(run)?.lost(run === culprit);
        },
      },
    });
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
