/** The kernel: a durable log with actors over it. Everything the rest of the node may use of it is here. */
import { SkeinError } from '@skein/protocol/errors';
import { Acks } from './actors/acks.ts';
import { Actors } from './actors/actors.ts';
import { Clients, refuse } from './actors/clients.ts';
import { Effects } from './actors/effects.ts';
import { GroupCommit } from './actors/group-commit.ts';
import { malformed, stopping } from './actors/malformed.ts';
import { Transactor } from './actors/transactor.ts';
import type { KernelOptions, KernelStats } from './options.ts';
import { Repairs } from './repair/repairs.ts';
import { Forgetting } from './streams/forgetting.ts';
import { logBytes } from './streams/log-bytes.ts';
import { Projections } from './streams/projections.ts';
import { Reading } from './streams/reading.ts';
import { Registry } from './streams/registry.ts';
import { Removals } from './streams/removals.ts';
import { reducerOf, replay } from './streams/replay.ts';
import type {
  ActorKind,
  Command,
  Cursor,
  EffectHandler,
  InternalCommand,
  KernelApi,
  Reducer,
  Reply,
  StreamInfo,
  SubscribeRequest,
  Subscription,
} from './types.ts';
import type { Opened, ReaderOps, WriterOps } from './wire.ts';
import { WorkerLink } from './worker/link.ts';

export class Kernel implements KernelApi {
  readonly #options: Required<KernelOptions>;
  readonly #writer: WorkerLink<WriterOps>;
  readonly #reader: WorkerLink<ReaderOps>;
  readonly #registry = new Registry();
  readonly #actors: Actors;
  readonly #clients: Clients;
  readonly #effects: Effects;
  readonly #commits: GroupCommit;
  readonly #transactor: Transactor;
  readonly #acks: Acks;
  readonly #projections: Projections;
  readonly #repairs: Repairs;
  readonly #removals: Removals;
  readonly #forgetting: Forgetting;
  readonly #reading: Reading;
  #closed = false;

  /** Opens the log of a directory, repairing it first if it is damaged. Rejects with database_newer or storage_unavailable. */
  static async open(options: KernelOptions): Promise<Kernel> {
    const kernel = new Kernel(options);
    try {
      const opened = await kernel.#writer.call('open', { now: kernel.#options.now() });
      await kernel.#reader.call('open', null);
      kernel.#take(opened);
      kernel.#effects.found(opened.effects, opened.nextEffect);
      kernel.#repairs.watch();
      return kernel;
    } catch (error) {
      await kernel.#stop();
      throw error;
    }
  }

  private constructor(options: KernelOptions) {
    const { now = Date.now, onDamage = () => {}, log = () => {}, snapshotEvery = 1000, dir } = options;
    this.#options = { dir, now, onDamage, log, snapshotEvery };
    this.#writer = new WorkerLink({ role: 'writer', dir });
    this.#reader = new WorkerLink({ role: 'reader', dir });
    const repaired = (opened: Opened) => {
      this.#commits.failWaiting(new SkeinError('storage_unavailable', 'The log was repaired; try again.'));
      this.#take(opened);
      this.#effects.reopened(opened.effects, opened.nextEffect, opened.damage !== null);
      this.#actors.evictAll();
    };
    this.#repairs = new Repairs({ reader: this.#reader, writer: this.#writer, now, log, repaired });
    this.#reading = new Reading(this.#reader, this.#registry, this.#repairs);
    this.#actors = new Actors({
      now,
      admit: (target) => this.#registry.admit(target),
      load: (kind, target, id) => {
        const stream = this.#registry.get(target);
        return this.#repairs.watched(replay(this.#reader, reducerOf(kind, id), target, stream));
      },
    });
    this.#clients = new Clients({
      find: (name) => this.#repairs.watched(this.#reader.call('client', { name })),
      receipt: (client, seq) => this.#repairs.watched(this.#reader.call('receipt', { client, seq })),
    });
    this.#commits = new GroupCommit({
      now,
      snapshotEvery,
      write: (batch) => {
        const moved = [batch.packed, ...batch.large].map(({ buffer }) => buffer);
        return this.#repairs.watched(this.#writer.call('commit', batch, moved));
      },
      onFailure: (error) => {
        log('warn', 'A transaction failed.', { error: error.message });
        this.#registry.rollBack();
        this.#actors.evictDirty();
      },
    });
    this.#effects = new Effects({
      log,
      record: (effect, outcome) => this.#transactor.outcome(effect, outcome),
    });
    this.#transactor = new Transactor(this.#registry, this.#actors, this.#commits, this.#effects);
    this.#removals = new Removals(this.#writer);
    this.#forgetting = new Forgetting({
      settled: () => this.#commits.settled(),
      purge: (streams) => this.#repairs.watched(this.#writer.call('purge', { streams })),
      gone: (streams) => {
        for (const { name } of streams) this.#effects.drop(name);
        for (const { name } of streams) this.#registry.remove(name);
        this.#projections.clear();
      },
    });
    this.#projections = new Projections(this.#reader, this.#writer, snapshotEvery);
    this.#acks = new Acks(this.#clients, {
      write: (acks) => this.#repairs.watched(this.#writer.call('ack', { acks, now: now() })),
      sweep: () => this.#repairs.watched(this.#writer.call('sweep', { now: now() })),
    });
  }

  registerActor<S>(kind: ActorKind<S>): void {
    // A kind's states come only from its own initial and apply, so they are S again wherever they return to it.
    this.#actors.register(kind as ActorKind<unknown>);
  }

  registerEffect(handler: EffectHandler): void {
    this.#effects.register(handler);
  }

  start(): void {
    this.#effects.resume();
  }

  async execute(by: unknown, command: Command, facts?: unknown): Promise<Reply> {
    const bad = malformed(command);
    if (bad) return refuse(new SkeinError('bad_request', bad));
    if (this.#closed) return refuse(stopping());
    try {
      const { id, target } = command;
      let client = this.#clients.known(id.client);
      for (; !client; client = this.#clients.known(id.client)) await this.#clients.load(id.client);
      return await this.#clients.once(client, command, (body) =>
        this.#transactor.run({ by, facts }, command, id, { client, seq: id.seq, target, body }),
      );
    } catch (error) {
      return refuse(SkeinError.from(error));
    }
  }

  async submit(by: unknown, command: InternalCommand): Promise<Reply> {
    if (this.#closed) return refuse(stopping());
    return this.#transactor.run({ by }, command, undefined, undefined);
  }

  ack(client: string, seq: number): void {
    this.#acks.add(client, seq);
  }

  sweep(): Promise<number> {
    return this.#acks.sweep();
  }

  async state<S = unknown>(target: string): Promise<{ state: S; cursor: Cursor }> {
    const { durable } = await this.#actors.ready(target);
    const epoch = this.#registry.get(target)?.epoch ?? 0;
    return { state: durable.state as S, cursor: { epoch, offset: durable.offset } };
  }

  peek<S = unknown>(target: string): S | undefined {
    return this.#actors.loaded(target)?.durable.state as S | undefined;
  }

  projection<S>(name: string, reducer: Reducer<S>): Promise<{ state: S; cursor: Cursor }> {
    return this.#repairs.watched(this.#projections.ask(this.#registry.get(name), name, reducer));
  }

  async cells(name: string, prefix: string): Promise<Map<string, Uint8Array>> {
    return this.#reading.cells(name, prefix);
  }

  changed(name: string, wake: () => void): () => void {
    return this.#registry.known(name).wait(wake);
  }

  head(stream: string): StreamInfo | undefined {
    return this.#registry.get(stream)?.info();
  }

  streams(): StreamInfo[] {
    return this.#registry.all().map((stream) => stream.info());
  }

  async subscribe(request: SubscribeRequest): Promise<Subscription> {
    return this.#reading.subscribe(request);
  }

  async provenRollback(name: string, seen: Cursor): Promise<Cursor> {
    const stream = this.#registry.known(name);
    const before = { epoch: stream.epoch, offset: stream.durable };
    if (seen.epoch !== stream.epoch || seen.offset <= stream.durable) return before;
    // Events under way carry the old epoch: they become durable first, or fail.
    await this.#commits.settled();
    const row = await this.#repairs.watched(
      this.#writer.call('newEpoch', { stream: stream.number, now: this.#options.now() }),
    );
    this.#registry.renew(row);
    this.#actors.evict([name]);
    return { epoch: row.epoch, offset: row.head };
  }

  readBlob(hash: string, offset: number): Promise<Uint8Array> {
    return this.#reading.blob(hash, offset);
  }

  async retain(name: string, before: number): Promise<number> {
    const stream = this.#registry.known(name);
    const { kind } = this.#actors.actor(name);
    stream.first = await this.#repairs.watched(
      this.#writer.call('retain', { stream: stream.number, name: kind.kind, version: kind.version, before }),
    );
    stream.changed();
    return stream.first;
  }

  async purge(name: string): Promise<void> {
    const { number } = this.#registry.known(name);
    this.#actors.block(name, new SkeinError('gone', `${name} is being removed.`, { stream: name }));
    await this.#forgetting.forget({ stream: number, name }).finally(() => this.#actors.unblock(name));
    await this.#removals.finish(number);
  }

  stats(): KernelStats {
    return {
      bytes: logBytes(this.#options.dir),
      streams: this.#registry.all().length,
      actors: this.#actors.size,
      subscriptions: this.#reading.size,
      pending: this.#actors.pending,
      effectsPending: this.#effects.pending,
      removing: this.#removals.size,
      eventsCommitted: this.#commits.events,
      batches: this.#commits.batches,
      batchesFailed: this.#commits.failures,
    };
  }

  /** For fault tests: acts a full disk once the database has grown by so many pages; 0 takes the limit away. */
  limitStorage(pages: number): Promise<null> {
    return this.#writer.call('limit', { pages });
  }

  /** For fault tests: ends a worker of the log as a crash of its thread would. */
  loseWorker(role: 'reader' | 'writer'): Promise<void> {
    return role === 'writer' ? this.#writer.kill() : this.#reader.kill();
  }

  /** Resolves when no repair is under way. */
  repaired(): Promise<void> {
    return this.#repairs.settled();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#effects.close();
    this.#reading.close();
    this.#repairs.close();
    await this.#removals.close();
    await this.#commits.settled();
    await this.#repairs.settled();
    await this.#acks.flush().catch(() => {});
    await this.#reader.call('close', null).catch(() => {});
    await this.#writer.call('close', { now: this.#options.now() }).catch(() => {});
    await this.#stop();
  }

  async #stop(): Promise<void> {
    this.#acks.stop();
    await Promise.all([this.#reader.stop(), this.#writer.stop()]);
  }

  #take(opened: Opened): void {
    this.#registry.reload(opened.streams, opened.nextStream, opened.removing);
    this.#clients.reset(opened.nextClient);
    this.#projections.clear();
    for (const stream of opened.removing) void this.#removals.finish(stream).catch(() => {});
    if (opened.damage) this.#options.onDamage(opened.damage);
  }
}
