/** Has it recorded who types, as hosts tell it: at most once a second for each program, and then everybody (rule M3). */
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { Typed as Told, Typist } from '../host/typing.ts';
import type { KernelApi } from '../kernel/types.ts';
import type { Gate } from './gate.ts';
import { LOCAL_USER } from './principal.ts';
import type { Typed } from './typing.ts';

/** Who an agent's driver is, in rights to its run. */
export const DRIVER = 'driver';
/** Milliseconds between two records of one program. */
const RECORD_MS = 1_000;
/** How many are recorded at a time: those who typed last. */
const MOST = 32;

interface Program {
  /** Who typed since the last record, in the order of their last typing. */
  pending: Map<string, Typed>;
  recorded: string | undefined;
  /** The number of the last that its host told of. */
  heard: number;
  timer: NodeJS.Timeout | undefined;
}

export class Typists {
  readonly #kernel: Pick<KernelApi, 'submit'>;
  readonly #gate: Pick<Gate, 'sessions'>;
  readonly #runs = new Map<string, Program>();

  constructor(kernel: Pick<KernelApi, 'submit'>, gate: Pick<Gate, 'sessions'>) {
    this.#kernel = kernel;
    this.#gate = gate;
  }

  /** Who typed last, and each who did since the host told before, which hosts of an earlier release leave out. */
  told(run: string, last: Told, since: readonly Typist[] = []): void {
    const known = this.#runs.get(run) ?? {
      ...{ pending: new Map(), recorded: undefined, heard: 0, timer: undefined },
    };
    this.#runs.set(run, known);
    const fresh = since.filter(({ n }) => n > known.heard);
    known.heard = fresh.at(-1)?.n ?? known.heard;
    for (const { who, offset } of [...fresh, last]) {
      // What the node types for people is recorded as theirs: they are prompts.
      if (who === DRIVER) continue;
      known.pending.delete(who);
      known.pending.set(who, { run, who, offset });
      const [oldest] = known.pending.keys();
      if (oldest !== undefined && known.pending.size > MOST) known.pending.delete(oldest);
    }
    if (known.timer === undefined) this.#record(run, known);
  }

  /** The program has ended: who typed is recorded now, and then forgotten. */
  forget(run: string): void {
    const known = this.#runs.get(run);
    if (known === undefined) return;
    clearTimeout(known.timer);
    this.#record(run, known);
    clearTimeout(known.timer);
    this.#runs.delete(run);
  }

  stop(): void {
    for (const run of [...this.#runs.keys()]) this.forget(run);
  }

  #record(run: string, known: Program): void {
    known.timer = undefined;
    const typed = [...known.pending.values()];
    known.pending.clear();
    // A session without members has only one person who can type.
    const session = this.#gate.sessions(LOCAL_USER).find((one) => one.run === run);
    if (session === undefined || Object.keys(session.devices).length === 0) return;
    for (const body of typed) {
      if (body.who === known.recorded) continue;
      known.recorded = body.who;
      known.timer ??= setTimeout(() => this.#record(run, known), RECORD_MS).unref();
      // What cannot be recorded now, as on a full disk, is recorded when somebody else types.
      void this.#kernel.submit(NODE_ITSELF, { target: `session/${session.id}`, type: 'run.typed', body });
    }
  }
}
