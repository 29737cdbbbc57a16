/** Which commands of a client were run already (K2): in flight here, or with a receipt in the log. */
import { hash } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { pack, unpack } from '../codec.ts';
import type { Command, Reply } from '../types.ts';
import type { ClientRow } from '../wire.ts';

export interface Client {
  number: number;
  name: string;
  /** True once its row is in the log. */
  stored: boolean;
  /** The highest seq seen: a higher one was never run. */
  last: number;
  /** What is being run: the hash of the command, and its reply to come. */
  running: Map<number, { body: Uint8Array; reply: Promise<Reply> }>;
  /** The highest acknowledged seq that is not yet written down. */
  acked: number;
}

/** Clients kept in memory that are asking nothing: some 300 bytes each. Others are found in the log again when they ask. */
export const KEPT = 4096;

interface ClientsOptions {
  find(name: string): Promise<ClientRow | null>;
  receipt(client: number, seq: number): Promise<{ body: Uint8Array; reply: Uint8Array } | null>;
}

/** What makes two commands the same. */
function commandHash({ target, type, body }: Command): Buffer {
  return hash('sha256', pack([target, type, body]), 'buffer');
}

export function refuse(error: SkeinError): Reply {
  return { ok: false, error: error.toBody() };
}

export class Clients {
  readonly #options: ClientsOptions;
  readonly #known = new Map<string, Client>();
  readonly #loading = new Map<string, Promise<Client>>();
  #next = 1;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** After a start or a repair: nothing that was known of any client need hold any more. */
  reset(next: number): void {
    this.#next = next;
    this.#known.clear();
    this.#loading.clear();
  }

  /** One that is asking nothing may be forgotten whenever something is awaited. */
  known(name: string): Client | undefined {
    return this.#known.get(name);
  }

  all(): Iterable<Client> {
    return this.#known.values();
  }

  async load(name: string): Promise<Client> {
    const known = this.#known.get(name);
    if (known) return known;
    const loading = this.#loading.get(name) ?? this.#load(name);
    this.#loading.set(name, loading);
    return loading;
  }

  async #load(name: string): Promise<Client> {
    try {
      const row = await this.#options.find(name);
      const { number, last } = row ?? { number: this.#next++, last: 0 };
      const client = { number, last, name, stored: row !== null, running: new Map(), acked: 0 };
      this.#known.set(name, client);
      this.#forget(client);
      return client;
    } finally {
      this.#loading.delete(name);
    }
  }

  /**
   * Forgets the clients that were longest not heard of, as a restart would: all there is to know of them is in the log.
   * Not those with something under way or not yet written down, nor the one that has just come: it is about to ask.
   */
  #forget(come: Client): void {
    for (const [name, client] of this.#known) {
      if (this.#known.size <= KEPT) return;
      if (client !== come && client.running.size === 0 && client.acked === 0) this.#known.delete(name);
    }
  }

  /** The reply to a command: of the same one in flight, of its receipt, or of `run` if it never ran. */
  once(client: Client, command: Command, run: (body: Uint8Array) => Promise<Reply>): Promise<Reply> {
    const { seq } = command.id;
    const body = commandHash(command);
    this.#known.delete(client.name);
    this.#known.set(client.name, client);
    const running = client.running.get(seq);
    if (running) return same(running.body, body) ? running.reply : Promise.resolve(refuse(reused(command)));
    const fresh = seq > client.last;
    if (fresh) client.last = seq;
    const reply = fresh ? run(body) : this.#again(client, command, body, run);
    const entry = { body, reply };
    client.running.set(seq, entry);
    const over = () => {
      if (client.running.get(seq) === entry) client.running.delete(seq);
    };
    reply.then(over, over);
    return reply;
  }

  async #again(
    client: Client,
    command: Command,
    body: Uint8Array,
    run: (body: Uint8Array) => Promise<Reply>,
  ): Promise<Reply> {
    const { seq } = command.id;
    let watermark = 0;
    try {
      const receipt = await this.#options.receipt(client.number, seq);
      if (receipt?.body.length === 0) return refuse(removed(command));
      if (receipt)
        return same(receipt.body, body) ? (unpack(receipt.reply) as Reply) : refuse(reused(command));
      // Asked for after the receipt: whatever sweeps that away raises this in the same transaction.
      watermark = (await this.#options.find(client.name))?.watermark ?? 0;
    } catch (error) {
      return refuse(SkeinError.from(error));
    }
    if (seq > watermark) return run(body);
    const message = `Request ${seq} is too old to be answered again, and was not run now.`;
    return refuse(new SkeinError('receipt_expired', message, { seq, watermark }));
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Of a purged stream's receipts only the ids are left, so that nothing runs again. */
function removed({ id }: Command): SkeinError {
  const message = `What request ${id.seq} was about has been removed, its answer too; it was not run again.`;
  return new SkeinError('receipt_expired', message, { seq: id.seq });
}

function reused({ id }: Command): SkeinError {
  return new SkeinError('id_reused', `Request ${id.seq} was used before for something else.`, {
    seq: id.seq,
  });
}
