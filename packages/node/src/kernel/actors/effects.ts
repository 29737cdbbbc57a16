/** Runs effects once their events are durable, and brings their outcomes back to their actors (K4). */
import { SkeinError } from '@skein/protocol/errors';
import { unpack } from '../codec.ts';
import type { EffectHandler, EffectOutcome } from '../types.ts';
import type { PendingEffect } from '../wire.ts';

/** Milliseconds between attempts to record an outcome while storage cannot be had. */
const RETRY_MS = 500;

interface EffectsOptions {
  /** Resolves to true when the outcome is durable and the effect removed; false if storage failed. */
  record(effect: PendingEffect, outcome: EffectOutcome): Promise<boolean>;
  log(level: 'warn', message: string, data?: Record<string, unknown>): void;
}

export class Effects {
  readonly #options: EffectsOptions;
  readonly #handlers = new Map<string, EffectHandler>();
  readonly #pending = new Map<number, PendingEffect>();
  /** Those that an earlier process left, until they are taken up. */
  readonly #left = new Set<number>();
  readonly #closing = new AbortController();
  #next = 1;
  #resumed = false;

  constructor(options: EffectsOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#pending.size;
  }

  register(handler: EffectHandler): void {
    this.#handlers.set(handler.kind, handler);
  }

  /** What an earlier process left. */
  found(effects: readonly PendingEffect[], next: number): void {
    this.#next = next;
    for (const effect of effects) this.#leave(effect);
  }

  /**
   * After the log was opened again: what became durable though its commit seemed to fail begins now. Unless `damaged`,
   * what the log no longer has is over: its outcome became durable in the same way.
   */
  reopened(effects: readonly PendingEffect[], next: number, damaged: boolean): void {
    this.#next = Math.max(this.#next, next);
    const kept = new Set(effects.map(({ number }) => number));
    for (const number of damaged ? [] : this.#pending.keys()) {
      if (!kept.has(number)) this.#pending.delete(number);
    }
    for (const effect of effects) {
      if (this.#pending.has(effect.number)) continue;
      if (this.#resumed) this.begin(effect);
      else this.#leave(effect);
    }
  }

  #leave(effect: PendingEffect): void {
    this.#pending.set(effect.number, effect);
    this.#left.add(effect.number);
  }

  number(): number {
    return this.#next++;
  }

  /** Takes up what was found at the start: again if that does no harm, else as unknown. */
  resume(): void {
    this.#resumed = true;
    for (const effect of this.#pending.values()) {
      // What has begun since is at work.
      if (!this.#left.delete(effect.number)) continue;
      const handler = this.#handlers.get(effect.kind);
      const { id, kind, target } = effect;
      if (!handler)
        this.#options.log('warn', 'An effect of an unknown kind is left pending.', { kind, target, id });
      else if (handler.idempotent) void this.#run(handler, effect, true);
      else void this.#record(effect, { id, kind, status: 'unknown' });
    }
  }

  /** Starts an effect whose event has just become durable. */
  begin(effect: PendingEffect): void {
    this.#pending.set(effect.number, effect);
    const handler = this.#handlers.get(effect.kind);
    const { id, kind } = effect;
    if (handler) return void this.#run(handler, effect, false);
    const error = new SkeinError('internal', `Nothing here carries out ${kind}.`).toBody();
    void this.#record(effect, { id, kind, status: 'failed', error });
  }

  /** Forgets what a removed stream had under way; its outcomes have nowhere to go. */
  drop(target: string): void {
    for (const [number, effect] of this.#pending) if (effect.target === target) this.#pending.delete(number);
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(handler: EffectHandler, effect: PendingEffect, resumed: boolean): Promise<void> {
    const { id, kind, target } = effect;
    const { signal } = this.#closing;
    let outcome: EffectOutcome;
    try {
      const value = await handler.run(unpack(effect.body), { id, target, resumed, signal });
      outcome = { id, kind, status: 'done', value };
    } catch (thrown) {
      outcome = { id, kind, status: 'failed', error: SkeinError.from(thrown).toBody() };
    }
    await this.#record(effect, outcome);
  }

  async #record(effect: PendingEffect, outcome: EffectOutcome): Promise<void> {
    // Once closing, an effect stays pending: the next start resumes it, or records it as unknown.
    while (!this.#closing.signal.aborted && this.#pending.has(effect.number)) {
      if (await this.#options.record(effect, outcome)) {
        this.#pending.delete(effect.number);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
    }
  }
}
