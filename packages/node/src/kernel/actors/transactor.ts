/** From a decided unit to its transaction, and from the commit back to whoever waits for it. */
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { pack } from '../codec.ts';
import type { CellChange } from '../log/cells.ts';
import type { Registry } from '../streams/registry.ts';
import { type CommandId, EFFECT_OUTCOME, type EffectOutcome, type Reply, type Tell } from '../types.ts';
import type { PendingEffect } from '../wire.ts';
import type { Actors, Job, Source } from './actors.ts';
import { refuse } from './clients.ts';
import { concerning } from './concerning.ts';
import type { Effects } from './effects.ts';
import type { Append, Entry, GroupCommit, Receipt } from './group-commit.ts';
import type { Draft } from './unit.ts';

/** Failures that say nothing about the command itself, which can be tried again. */
const PASSING: readonly string[] = [
  'storage_unavailable',
  'log_damaged',
  'mailbox_full',
  'unsupported_version',
];

type ReceiptPlan = Omit<Receipt, 'reply' | 'streams'>;

/** What an entry records besides events. */
interface Outcome {
  reply: Reply;
  receipt: ReceiptPlan | undefined;
  /** The effect that it ends. */
  effect: number | undefined;
  /** Streams that the receipt concerns. */
  about: readonly string[];
}

export class Transactor {
  readonly #registry: Registry;
  readonly #actors: Actors;
  readonly #commits: GroupCommit;
  readonly #effects: Effects;

  constructor(registry: Registry, actors: Actors, commits: GroupCommit, effects: Effects) {
    this.#registry = registry;
    this.#actors = actors;
    this.#commits = commits;
    this.#effects = effects;
  }

  /** Resolves when the command is durable or was refused (L2). */
  run(
    source: Source,
    command: Tell,
    id: CommandId | undefined,
    receipt: ReceiptPlan | undefined,
  ): Promise<Reply> {
    return this.#post(source, command, id, receipt, undefined);
  }

  /** Records how an effect ended; resolves to false if that must be tried again. */
  async outcome(effect: PendingEffect, outcome: EffectOutcome): Promise<boolean> {
    const command = { target: effect.target, type: EFFECT_OUTCOME, body: outcome };
    const reply = await this.#post({ by: null }, command, undefined, undefined, effect.number);
    return reply.ok || !PASSING.includes(reply.error.code);
  }

  #post(
    source: Source,
    command: Tell,
    id: CommandId | undefined,
    receipt: ReceiptPlan | undefined,
    effect: number | undefined,
  ): Promise<Reply> {
    return new Promise((resolve) => {
      const answer = (reply: Reply) => {
        this.#actors.answered(command.target);
        resolve(reply);
      };
      /** An entry without events: only the receipt of a refusal, or the end of an effect. */
      const close = (error: ErrorBody, about: readonly string[]) => {
        const reply: Reply = { ok: false, error };
        if (!receipt && effect === undefined) return answer(reply);
        this.#commits.add(this.#entry([], { reply, receipt, effect, about }, answer));
      };
      const job: Job = {
        ...source,
        command,
        id,
        decided: (value, drafts, about) => {
          const reply: Reply = { ok: true, value, cursor: this.#place(command.target, drafts) };
          this.#commits.add(this.#entry(drafts, { reply, receipt, effect, about }, answer));
        },
        refused: close,
        failed: (error) => {
          if (effect !== undefined && !PASSING.includes(error.code)) close(error, []);
          else answer({ ok: false, error });
        },
      };
      this.#actors.post(job);
    });
  }

  /** Where the target's stream stands after the drafts. */
  #place(target: string, drafts: readonly Draft[]) {
    const draft = drafts.find((one) => one.target === target);
    if (!draft || draft.offset === 0) return null;
    return { epoch: this.#registry.claim(target).epoch, offset: draft.offset };
  }

  #entry(
    drafts: readonly Draft[],
    { reply, receipt, effect, about }: Outcome,
    answer: (reply: Reply) => void,
  ): Entry {
    const appends = drafts.filter(({ events }) => events.length > 0).map((draft) => this.#append(draft));
    const started: PendingEffect[] = [];
    const effects: Entry['effects'] = [];
    for (const draft of drafts) {
      for (const { id, kind, body } of draft.effects) {
        const pending = { number: this.#effects.number(), target: draft.target, id, kind, body: pack(body) };
        started.push(pending);
        effects.push([pending.number, this.#registry.claim(draft.target).number, id, kind, pending.body]);
      }
    }
    const cells = drafts.flatMap((draft) => {
      if (draft.cells.length === 0) return [];
      const { number, epoch } = this.#registry.claim(draft.target);
      return draft.cells.map(({ key, value }): CellChange => [number, epoch, key, value]);
    });
    const entry: Entry = {
      appends,
      effects,
      cells,
      effectsDone: effect === undefined ? [] : [effect],
      done: () => {
        if (receipt) receipt.client.stored = true;
        // All of it can be read before anybody is told of a part.
        for (const append of appends) this.#durable(append);
        for (const { stream } of appends) stream.changed();
        answer(reply);
        for (const pending of started) this.#effects.begin(pending);
      },
      failed: (error) => answer(refuse(new SkeinError('storage_unavailable', error.message, error.data))),
    };
    if (receipt) {
      const others = about.filter((name) => name !== receipt.target);
      const numbers = others.flatMap((name) => this.#registry.number(name) ?? []);
      entry.receipt = { ...receipt, reply: pack(reply), streams: concerning(numbers) };
    }
    return entry;
  }

  #append({ target, from, events, blobs, kind, state, offset }: Draft): Append {
    const stream = this.#registry.claim(target);
    stream.head = offset;
    const { kind: name, version } = kind;
    return { stream, from, events, blobs, kind: name, version, state, actor: this.#actors.actor(target) };
  }

  #durable({ stream, from, events, state }: Append): void {
    stream.durable = from + events.length - 1;
    this.#actors.committed(stream.name, state, stream.durable);
  }
}
