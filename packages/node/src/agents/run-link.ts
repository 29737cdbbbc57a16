/**
 * What comes from a run and what goes to it (rules H2, H3), over connections to its host that come and go; and when the host
 * is gone, from what it left on disk.
 */

import type { Input, Write } from '../drivers/driver.ts';
import { type BaseState, MAX_LINE } from '../drivers/state.ts';
import { readJournal } from '../host/journal-files.ts';
import { readExit, runDir } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import { HostPipe } from './host-pipe.ts';
import { Intake } from './intake.ts';
import type { Exit, Link, LinkEvents } from './link.ts';
import { Outbox } from './outbox.ts';

/** Bytes read at once of a journal whose host is gone. */
const READ = 256 * 1024;

export class RunLink implements Link {
  readonly #hosts: HostPool;
  readonly #home: string;
  readonly #run: { run: string; host: string };
  readonly #events: LinkEvents;
  #intake = new Intake(0, MAX_LINE);
  readonly #outbox = new Outbox();
  #pipe: HostPipe | undefined;
  #exit: Exit | undefined;
  #closed = false;

  constructor(
    hosts: HostPool,
    home: string,
    { run, host }: { run: string; host: string },
    events: LinkEvents,
  ) {
    this.#hosts = hosts;
    this.#home = home;
    this.#run = { run, host };
    this.#events = events;
  }

  async open({ consumed: from }: BaseState, writes: readonly Write[]): Promise<void> {
    this.#intake = new Intake(from, MAX_LINE);
    this.#outbox.add(writes);
    this.#pipe = await HostPipe.open(this.#hosts, this.#run, from, this.#outbox, {
      output: (offset, bytes) => {
        this.#intake.push(offset, bytes);
        this.#events.news();
      },
      exit: (code, signal, offset) => {
        this.#intake.ends(offset);
        this.#exit = { code, signal };
        this.#events.news();
      },
      closed: () => {
        this.#pipe = undefined;
        if (!this.#closed && this.#exit === undefined) this.#events.lost();
      },
    });
    if (this.#closed) this.#pipe.close();
  }

  openLeft({ consumed: from }: BaseState): void {
    const dir = runDir(this.#home, this.#run.run);
    this.#intake = new Intake(from, MAX_LINE);
    for (;;) {
      const found = readJournal(`${dir}/journal`, this.#intake.received, READ);
      if (found.kind !== 'bytes' || found.bytes.length === 0) break;
      this.#intake.push(found.offset, found.bytes);
    }
    this.#intake.ends(this.#intake.received);
    const { code, signal } = readExit(dir) ?? { code: null, signal: null };
    this.#exit = { code, signal };
  }

  get idle(): boolean {
    return this.#intake.idle;
  }

  get plenty(): boolean {
    return this.#intake.plenty;
  }

  take(): Input[] {
    return this.#intake.take().map((presented): Input => ({ type: 'output', ...presented }));
  }

  get ended(): Exit | undefined {
    return this.#intake.exhausted ? this.#exit : undefined;
  }

  /** What is left of its output, and the last of what it complained of. */
  rest(): Input[] {
    const output: Input = { type: 'output', ...this.#intake.rest(), end: true };
    const stderr = readExit(runDir(this.#home, this.#run.run))?.stderr ?? '';
    if (stderr === '') return [output];
    return [output, { type: 'stderr', bytes: new TextEncoder().encode(stderr) }];
  }

  /** Its protocol says when it may be given a prompt. */
  fresh(): boolean {
    return true;
  }

  send(writes: readonly Write[]): void {
    this.#outbox.add(writes);
  }

  flow(): void {
    this.#pipe?.consumed(this.#intake.taken);
  }

  recorded({ consumed }: BaseState): void {
    this.#pipe?.kept(consumed);
  }

  arrived(): number[] {
    return this.#outbox.arrived();
  }

  get unsent(): number[] {
    return this.#outbox.offsets;
  }

  close(): void {
    this.#closed = true;
    this.#pipe?.close();
  }
}
