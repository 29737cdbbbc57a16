/** Has it recorded who types, as hosts tell it: at most once a second for each program (rule M3). */
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { KernelApi } from '../kernel/types.ts';
import type { Gate } from './gate.ts';
import { LOCAL_USER } from './principal.ts';
import type { Typed } from './typing.ts';

/** Who an agent's driver is, in rights to its run. */
export const DRIVER = 'driver';
/** Milliseconds between two records of one program. */
const RECORD_MS = 1_000;

interface Told {
  latest: Typed;
  recorded: string | undefined;
  timer: NodeJS.Timeout | undefined;
}

export class Typists {
  readonly #kernel: Pick<KernelApi, 'submit'>;
  readonly #gate: Gate;
  readonly #runs = new Map<string, Told>();

  constructor(kernel: Pick<KernelApi, 'submit'>, gate: Gate) {
    this.#kernel = kernel;
    this.#gate = gate;
  }

  told(typed: Typed): void {
    // What the node types for people is recorded as theirs: they are prompts.
    if (typed.who === DRIVER) return;
    const known = this.#runs.get(typed.run) ?? { latest: typed, recorded: undefined, timer: undefined };
    this.#runs.set(typed.run, known);
    known.latest = typed;
    if (known.timer === undefined) this.#record(known);
  }

  /** The program has ended. */
  forget(run: string): void {
    clearTimeout(this.#runs.get(run)?.timer);
    this.#runs.delete(run);
  }

  stop(): void {
    for (const run of [...this.#runs.keys()]) this.forget(run);
  }

  #record(told: Told): void {
    told.timer = undefined;
    const { latest } = told;
    if (latest.who === told.recorded) return;
    // A session without members has only one person who can type.
    const session = this.#gate.sessions(LOCAL_USER).find((one) => one.run === latest.run);
    if (session === undefined || Object.keys(session.devices).length === 0) return;
    told.recorded = latest.who;
    told.timer = setTimeout(() => this.#record(told), RECORD_MS).unref();
    // What cannot be recorded now, as on a full disk, is recorded when somebody else types.
    void this.#kernel.submit(NODE_ITSELF, {
      target: `session/${session.id}`,
      type: 'run.typed',
      body: latest,
    });
  }
}
