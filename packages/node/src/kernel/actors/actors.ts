/** The actors in memory (K3): loaded when first needed, each with a bounded mailbox, deciding one unit at a time. */
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { MAILBOX } from '@skein/protocol/limits';
import { blobName } from '../log/blob-name.ts';
import type { ActorKind, CommandId, Tell } from '../types.ts';
import { type ActorView, type Draft, decideUnit } from './unit.ts';

interface Loaded {
  state: unknown;
  offset: number;
  snapshotAt: number;
}

class Actor implements ActorView {
  readonly target: string;
  readonly kind: ActorKind<unknown>;
  readonly id: string;
  state: unknown;
  offset = 0;
  snapshotAt = 0;
  /** What everyone may see: the state as of the last commit. */
  durable: { state: unknown; offset: number } = { state: undefined, offset: 0 };
  loaded = false;
  loading: Promise<void> | undefined;
  readonly mailbox: Job[] = [];
  /** Jobs accepted and not yet answered: in the mailbox, or decided and being committed. */
  pending = 0;

  constructor(target: string, kind: ActorKind<unknown>, id: string) {
    this.target = target;
    this.kind = kind;
    this.id = id;
  }
}

/** Where a command comes from: who gave it, and what the node adds to it. */
export interface Source {
  by: unknown;
  facts?: unknown;
}

/** A command in a mailbox. Exactly one of the three is called, once. */
export interface Job extends Source {
  command: Tell;
  id: CommandId | undefined;
  decided(reply: unknown, drafts: Draft[], about: readonly string[]): void;
  refused(error: ErrorBody, about: readonly string[]): void;
  /** It was not decided: a fault, a full mailbox, a log that cannot be read. */
  failed(error: ErrorBody): void;
}

interface ActorsOptions {
  now(): number;
  /** Throws what refuses commands to a target that has no stream yet, if there can be none. */
  admit(target: string): void;
  load(kind: ActorKind<unknown>, target: string, id: string): Promise<Loaded>;
}

export class Actors {
  readonly #options: ActorsOptions;
  readonly #kinds = new Map<string, ActorKind<unknown>>();
  readonly #actors = new Map<string, Actor>();
  readonly #blocked = new Map<string, SkeinError>();

  constructor(options: ActorsOptions) {
    this.#options = options;
  }

  register(kind: ActorKind<unknown>): void {
    this.#kinds.set(kind.kind, kind);
  }

  get size(): number {
    return this.#actors.size;
  }

  get pending(): number {
    let pending = 0;
    for (const actor of this.#actors.values()) pending += actor.pending;
    return pending;
  }

  /** The actor of a target, made if need be; throws bad_request for a kind that nobody registered. */
  actor(target: string): Actor {
    const known = this.#actors.get(target);
    if (known) return known;
    const blocked = this.#blocked.get(target);
    if (blocked) throw blocked;
    const slash = target.indexOf('/');
    const kind = this.#kinds.get(slash < 0 ? target : target.slice(0, slash));
    if (!kind) throw new SkeinError('bad_request', `Nothing here is called ${target}.`, { target });
    const actor = new Actor(target, kind, slash < 0 ? '' : target.slice(slash + 1));
    this.#actors.set(target, actor);
    return actor;
  }

  post(job: Job): void {
    let actor: Actor;
    try {
      this.#options.admit(job.command.target);
      actor = this.actor(job.command.target);
    } catch (error) {
      return job.failed(SkeinError.from(error).toBody());
    }
    if (actor.pending >= MAILBOX) {
      const message = `${actor.target} has ${MAILBOX} requests waiting; try again.`;
      return job.failed({ code: 'mailbox_full', message, data: { limit: MAILBOX } });
    }
    actor.pending += 1;
    actor.mailbox.push(job);
    if (actor.mailbox.length === 1) this.#drain(actor);
  }

  /** The answer of a job is known: its place in the mailbox is free. An actor without history does not stay. */
  answered(target: string): void {
    const actor = this.#actors.get(target);
    if (!actor) return;
    // After an eviction, answers come in for jobs that the new actor never had.
    actor.pending = Math.max(actor.mailbox.length, actor.pending - 1);
    this.#dropUnused(actor);
  }

  #dropUnused(actor: Actor): void {
    if (actor.pending === 0 && actor.offset === 0 && !actor.loading) this.#actors.delete(actor.target);
  }

  /** What an actor's state was at an offset that is now durable. */
  committed(target: string, state: unknown, offset: number): void {
    const actor = this.#actors.get(target);
    if (actor?.loaded) actor.durable = { state, offset };
  }

  /** The actor of a target if its state is in memory; nothing is made or loaded for it. */
  loaded(target: string): Actor | undefined {
    const actor = this.#actors.get(target);
    return actor?.loaded ? actor : undefined;
  }

  async ready(target: string): Promise<Actor> {
    const actor = this.actor(target);
    if (!actor.loaded) await this.#load(actor);
    this.#dropUnused(actor);
    return actor;
  }

  /** Refuses everything for `target` from now on, what waits in its mailbox included, until `unblock`. */
  block(target: string, error: SkeinError): void {
    this.#blocked.set(target, error);
    const jobs = this.#actors.get(target)?.mailbox.splice(0) ?? [];
    this.#actors.delete(target);
    for (const job of jobs) job.failed(error.toBody());
  }

  unblock(target: string): void {
    this.#blocked.delete(target);
  }

  /** Forgets actors whose states are not what the log says; what waits in their mailboxes is decided on what is loaded then. */
  evict(targets: Iterable<string>): void {
    for (const target of targets) {
      const old = this.#actors.get(target);
      if (!old) continue;
      this.#actors.delete(target);
      if (old.mailbox.length === 0) continue;
      const fresh = this.actor(target);
      fresh.pending = old.mailbox.length;
      fresh.mailbox.push(...old.mailbox.splice(0));
      this.#drain(fresh);
    }
  }

  evictAll(): void {
    this.evict([...this.#actors.keys()]);
  }

  /** Forgets every actor whose state runs ahead of the log. */
  evictDirty(): void {
    const dirty = [...this.#actors.values()].filter(({ offset, durable }) => offset !== durable.offset);
    this.evict(dirty.map(({ target }) => target));
  }

  /** Decides what the mailbox holds, in order; stops where another actor must be loaded first. */
  #drain(actor: Actor): void {
    for (;;) {
      const job = actor.mailbox[0];
      if (!job || this.#actors.get(actor.target) !== actor) return;
      const missing = this.#decide(job, actor);
      if (missing) return this.#drainAfter(actor, missing);
    }
  }

  #drainAfter(actor: Actor, missing: Actor): void {
    this.#load(missing).then(
      () => this.#drain(actor),
      (error) => {
        actor.mailbox.shift()?.failed(SkeinError.from(error).toBody());
        this.#drain(actor);
      },
    );
  }

  /** Decides the first job of a mailbox; returns the actor that must be loaded first, if there is one. */
  #decide(job: Job, actor: Actor): Actor | undefined {
    const { by, facts, command, id } = job;
    const find = (target: string) => {
      this.#options.admit(target);
      const actor = this.actor(target);
      return actor.loaded ? actor : undefined;
    };
    const result = decideUnit(find, { by, facts, command, id, now: this.#options.now(), blobName });
    if (result.is === 'load') return this.actor(result.target);
    // Before it is told, which may be its answer already: that frees a place of those that wait no more.
    actor.mailbox.shift();
    if (result.is === 'refused') job.refused(result.error, result.about);
    else if (result.is === 'fault') job.failed(result.error);
    else {
      for (const draft of result.drafts) {
        const actor = this.actor(draft.target);
        actor.state = draft.state;
        actor.offset = draft.offset;
      }
      job.decided(result.reply, result.drafts, result.about);
    }
    return undefined;
  }

  #load(actor: Actor): Promise<void> {
    actor.loading ??= this.#options
      .load(actor.kind, actor.target, actor.id)
      .then(({ state, offset, snapshotAt }) => {
        actor.state = state;
        actor.offset = offset;
        actor.snapshotAt = snapshotAt;
        actor.durable = { state, offset };
        actor.loaded = true;
      })
      .finally(() => {
        actor.loading = undefined;
      });
    return actor.loading;
  }
}
