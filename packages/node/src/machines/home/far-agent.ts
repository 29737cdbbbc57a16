/**
 * One agent on another machine, as its home deals with it (rules X2, X3): what it does is copied, what is wanted of it told, its lease taken
 * and renewed. Everything it knows can be lost: it begins again from what the log holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { hostedReplies } from '@skein/protocol/machines/commands';
import type { Far, Unheard } from '@skein/protocol/machines/far';
import { HOME_WAITS, RENEWALS } from '@skein/protocol/machines/limits';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Policies } from '../../agents/policy/policies.ts';
import type { KernelApi } from '../../kernel/types.ts';
import { copyFrom } from './far-copying.ts';
import type { FarPeer } from './far-peer.ts';
import { bodyOf } from './far-saying.ts';
import type { FarCommands } from './far-words.ts';
import { meanwhile } from './meanwhile.ts';

/** Milliseconds until what failed is tried again, and until somebody is told that the other machine cannot be reached. */
const SOON_MS = 20;
const AGAIN_MS = 500;
const TOLD_MS = 3_000;
/** Milliseconds until it is looked for again where there was nothing of it. */
const LONG_MS = 30_000;
const GONE: readonly string[] = ['not_found', 'not_allowed'];
/** What says that the grant, or the hosted session, is gone. */
const OVER: readonly string[] = ['not_granted', ...GONE];

export interface FarAgentContext {
  kernel: KernelApi;
  policies: Policies;
  log(level: 'info' | 'warn', message: string, data?: Record<string, unknown>): void;
}

export class FarAgent {
  readonly agent: string;
  readonly #context: FarAgentContext;
  readonly #session: string;
  readonly #peer: FarPeer;
  readonly #leave: () => void;
  readonly #stopped = new AbortController();
  /** This process has taken its lease: a node that starts takes a new one, so that one restored from a copy is told apart (X3). */
  #taken = false;
  /** When it was renewed last, by the monotonic clock: as this process began, where it is not known. */
  #renewed = performance.now();
  /** When that was last asked for: it may have been heard, though no answer has come, and then it lasts from there. */
  #asked = performance.now();
  /** Since when the other machine cannot be reached, or what it says cannot be recorded. */
  #down: number | undefined = performance.now();
  #trouble: string | null = null;
  #seen: Far | undefined;
  /** Grows with each change, so that none between a look and the waiting for the next is missed. */
  #n = 0;
  readonly #woken = new Set<() => void>();

  constructor(context: FarAgentContext, session: string, agent: string, peer: FarPeer) {
    this.#context = context;
    this.#session = session;
    this.agent = agent;
    this.#peer = peer;
    this.#leave = peer.serve((client, over) => void this.#serve(client, over));
  }

  get peer(): FarPeer {
    return this.#peer;
  }

  /** Its first lease was taken with its place. */
  placed(): void {
    this.#taken = true;
    this.#renewed = this.#asked = performance.now();
  }

  /** The session is so now: only what is otherwise about this agent gives it something to do. */
  saw(far: Far): void {
    if (far === this.#seen) return;
    this.#seen = far;
    this.#wake();
  }

  #wake(): void {
    this.#n += 1;
    for (const woken of this.#woken) woken();
  }

  stop(): void {
    this.#stopped.abort();
    this.#leave();
    this.#wake();
  }

  /** Looks at how long nothing was heard, and tells it once that has lasted; called now and then. */
  async look(): Promise<void> {
    const far = await this.#far();
    if (far === undefined || far.session === null) return;
    const now = performance.now();
    const why = (this.#trouble ?? this.#peer.why ?? undefined)?.slice(0, 900);
    const told = why === undefined ? {} : { why };
    if (this.#down === undefined) {
      if (far.link !== 'up') await this.#submit('far.link', { agent: this.agent, link: 'up' });
    } else if (far.link !== 'ended' && far.unleased === null && now - this.#asked > HOME_WAITS * far.term)
      await this.#submit('far.link', { agent: this.agent, link: 'ended', ...told });
    else if (far.link === 'up' && now - this.#down > TOLD_MS)
      await this.#submit('far.link', { agent: this.agent, link: 'down', ...told });
  }

  /** Waits until everything is heard, then gives the lease back; not longer than `limit`. */
  async giveBack(limit: AbortSignal): Promise<void> {
    while (!limit.aborted) {
      const seen = this.#n;
      const far = await this.#far();
      const client = this.#peer.client;
      if (far === undefined || far.session === null || !far.leased || client === undefined) return;
      if (far.unheard.length > 0) await this.#changed(limit, seen);
      else {
        await client.command(`session/${far.session}`, 'lease.give', { epoch: far.epoch });
        return;
      }
    }
  }

  async #serve(client: Client, lost: AbortSignal): Promise<void> {
    const over = AbortSignal.any([lost, this.#stopped.signal]);
    const all = [
      this.#forever(over, () => this.#copy(client, over)),
      this.#forever(over, () => this.#command(client, over)),
    ];
    await Promise.all(all);
    this.#down ??= performance.now();
  }

  /** What fails is begun again, as long as there is a connection. */
  async #forever(over: AbortSignal, work: () => Promise<void>): Promise<void> {
    while (!over.aborted) {
      try {
        await work();
      } catch (thrown) {
        if (over.aborted) return;
        const error = SkeinError.from(thrown);
        this.#trouble = error.message;
        if (error.code === 'gone') {
          await sleep(SOON_MS, undefined, { signal: over }).catch(() => {});
          continue;
        }
        this.#down ??= performance.now();
        const about = { agent: this.agent, error: error.message };
        this.#context.log('warn', 'An agent elsewhere could not be followed; trying again.', about);
        await sleep(AGAIN_MS, undefined, { signal: over }).catch(() => {});
      }
    }
  }

  async #copy(client: Client, over: AbortSignal): Promise<void> {
    const seen = this.#n;
    const far = await this.#far();
    if (far?.session == null) return this.#changed(over, seen);
    const { kernel, policies } = this.#context;
    const context = {
      policies,
      state: async () => (await kernel.state<SessionState>(`session/${this.#session}`)).state,
      submit: <K extends keyof FarCommands>(type: K, body: FarCommands[K]) => this.#submit(type, body),
    };
    try {
      await copyFrom(context, client, { agent: this.agent, session: far.session }, over);
    } catch (thrown) {
      const error = SkeinError.from(thrown);
      if (over.aborted || !GONE.includes(error.code)) throw thrown;
      const why = `There is nothing of it on ${far.node} any more.`;
      const { epoch } = far;
      await this.#submit('far.lost', { agent: this.agent, was: epoch, epoch, why, vanished: true });
      await sleep(LONG_MS, undefined, { signal: over, ref: false }).catch(() => {});
    }
  }

  /** One thing that is to be done about commanding it, or waits until there is one. */
  async #command(client: Client, over: AbortSignal): Promise<void> {
    const seen = this.#n;
    const far = await this.#far();
    if (far?.session == null || far.unleased !== null) {
      if (far?.session != null) this.#reached();
      return this.#changed(over, seen);
    }
    if (!far.leased || !this.#taken) return this.#take(client, far);
    this.#reached();
    const [next] = far.unheard;
    const { session } = far;
    try {
      const dueIn = () => Math.ceil(this.#renewed + far.term / RENEWALS - performance.now());
      const renew = async () => {
        const asked = performance.now();
        this.#asked = asked;
        await client.ask('renew', { ref: session, epoch: far.epoch });
        this.#renewed = asked;
      };
      if (next !== undefined)
        // A large prompt, or much that is copied first, may take longer than a term.
        return await meanwhile(this.#tell(client, over, seen, { far, session, next }), dueIn, renew);
      if (dueIn() > 0) return this.#changed(over, seen, Math.max(1, dueIn()));
      await renew();
    } catch (thrown) {
      await this.#refused(far, SkeinError.from(thrown));
    }
  }

  async #tell(
    client: Client,
    over: AbortSignal,
    seen: number,
    { far, session, next }: { far: Far; session: string; next: Unheard },
  ): Promise<void> {
    const { n, type } = next;
    const places = { home: this.#session, hosted: session };
    const body = await bodyOf(this.#context.kernel, client, places, next);
    const told = await client.command(`session/${session}`, 'home.tell', { epoch: far.epoch, n, type, body });
    hostedReplies['home.tell'].parse(told);
    // That it was heard is copied, as everything that the worker records.
    for (let at = seen; !over.aborted && (await this.#far())?.unheard[0]?.n === n; at = this.#n)
      await this.#changed(over, at);
  }

  async #take(client: Client, far: Far): Promise<void> {
    const { agent } = this;
    if (far.leased) {
      await this.#submit('far.lease', { agent, epoch: far.epoch + 1, taker: newId() });
      return;
    }
    const { epoch, taker } = far;
    const asked = performance.now();
    this.#asked = asked;
    try {
      const told = await client.command(`session/${far.session}`, 'lease.take', { epoch, taker });
      const { heard } = hostedReplies['lease.take'].parse(told);
      await this.#submit('far.got', { agent, epoch, taker, heard });
      this.#taken = true;
      this.#renewed = asked;
    } catch (thrown) {
      await this.#refused(far, SkeinError.from(thrown));
    }
  }

  /**
   * The worker does not take what was said under this lease: where it ended by itself, another is taken; where somebody else has one, that
   * is told, and none is taken again (X3).
   */
  async #refused(far: Far, error: SkeinError): Promise<void> {
    const { agent } = this;
    const why = error.message.slice(0, 900);
    if (OVER.includes(error.code)) {
      await this.#submit('far.lost', { agent, was: far.epoch, epoch: far.epoch, why });
      return;
    }
    if (error.code !== 'lease_lost' && error.code !== 'out_of_order') throw error;
    const { epoch: present, taker } = (error.data ?? {}) as { epoch?: unknown; taker?: unknown };
    const theirs = Number.isSafeInteger(present) && Number(present) >= 0 ? Number(present) : far.epoch;
    const another = theirs >= far.epoch && taker !== far.taker;
    if (error.code === 'lease_lost' && another)
      await this.#submit('far.lost', { agent, was: far.epoch, epoch: theirs, why });
    else await this.#submit('far.lease', { agent, epoch: theirs + 1, taker: newId() });
  }

  #reached(): void {
    if (this.#down === undefined) return;
    this.#down = undefined;
    this.#trouble = null;
    void this.look().catch(() => {});
  }

  async #submit<K extends keyof FarCommands>(type: K, body: FarCommands[K]): Promise<void> {
    const reply = await this.#context.kernel.submit(NODE_ITSELF, {
      ...{ target: `session/${this.#session}`, type, body },
    });
    if (!reply.ok) throw SkeinError.fromBody(reply.error);
  }

  async #far(): Promise<Far | undefined> {
    const { state } = await this.#context.kernel.state<SessionState>(`session/${this.#session}`);
    return state.far[this.agent];
  }

  /** Waits until something has changed since `seen`; no longer than `limit`, nor than so many milliseconds. */
  #changed(limit: AbortSignal, seen: number, ms?: number): Promise<void> {
    if (limit.aborted || this.#n !== seen) return Promise.resolve();
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const done = () => {
        clearTimeout(timer);
        limit.removeEventListener('abort', done);
        this.#woken.delete(done);
        resolve();
      };
      if (ms !== undefined) timer = setTimeout(done, ms).unref();
      limit.addEventListener('abort', done, { once: true });
      this.#woken.add(done);
    });
  }
}
