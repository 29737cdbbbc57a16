/** One session's program in its terminal, as a program uses it: typed into, looked at, waited for. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { SignalName } from '@skein/protocol/sessions/signals';
import { MAX_TYPED } from '@skein/protocol/tools/limits';
import { inOrder } from './in-order.ts';

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
   * Types a text as it is, of any length, then keys such as `enter`, `ctrl-c`, `up`; once, whatever becomes of the connection, and
   * behind what was typed before, waited for or not. Resolves when its host has taken everything. Throws `not_running`, and
   * `timeout` for a program that does not read.
   */
  type(text: string, ...keys: string[]): Promise<void> {
    return inOrder(this.#client, this.session, async () => {
      let rest = text;
      while (rest.length > MAX_TYPED) {
        const piece = rest.slice(0, MAX_TYPED).replace(/[\ud800-\udbff]$/, '');
        await this.#type({ text: piece });
        rest = rest.slice(piece.length);
      }
      await this.#type({ ...(rest === '' ? {} : { text: rest }), ...(keys.length === 0 ? {} : { keys }) });
    });
  }

  async #type(input: object): Promise<void> {
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
