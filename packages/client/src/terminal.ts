/** One session's program in its terminal, as a program uses it: typed into, looked at, waited for. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { SignalName } from '@skein/protocol/sessions/signals';

/** How a program ended: its exit status, or the number of the signal that ended it. */
interface Ended {
  code: number | null;
  signal: number | null;
}

export class SkeinTerminal {
  readonly #client: Client;
  /** The id of its session. */
  readonly session: string;

  constructor(client: Client, session: string) {
    this.#client = client;
    this.session = session;
  }

  /**
   * Types a text as it is, then keys such as `enter`, `ctrl-c`, `up`; once, whatever becomes of the connection. Resolves when its host
   * has taken everything. Throws `not_running`, and `timeout` for a program that does not read.
   */
  async type(text: string, ...keys: string[]): Promise<void> {
    const input = { ...(text === '' ? {} : { text }), ...(keys.length === 0 ? {} : { keys }) };
    const call = { call: newId(), session: this.session, name: 'type', input };
    const told = await this.#client.ask('tool', call);
    if (!told.ok) throw new SkeinError(told.code, told.message);
  }

  /** What it shows, or showed last: a line a row; `ansi` with colours, as `skein screen --ansi` has it. `history`: lines before, at most. */
  async screen(form: 'text' | 'ansi' = 'text', history = 0): Promise<string> {
    return (await this.#client.ask('screen', { ref: this.session, form, history })).data;
  }

  async resize(cols: number, rows: number): Promise<void> {
    await this.#client.ask('resize', { ref: this.session, cols, rows });
  }

  async signal(signal: SignalName): Promise<void> {
    await this.#client.command(`session/${this.session}`, 'run.signal', { signal });
  }

  /** Resolves when the program has ended, however long that takes. Throws `host_lost` for one of which that is not known. */
  async ended(): Promise<Ended> {
    for (;;) {
      const { run, name } = await this.#client.ask('ended', { ref: this.session });
      if (run?.state === 'exited') return { code: run.code ?? null, signal: run.signal || null };
      if (run?.state !== 'starting' && run?.state !== 'running')
        throw new SkeinError('host_lost', `"${name}" did not end by itself: ${run?.why ?? 'it never ran'}`);
    }
  }
}
