/** All agents of this home that run on other machines (rules X2, X3): a connection to each machine, and for each agent what is done over it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@skein/protocol/agents/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { FarAgent, type FarAgentContext } from './far-agent.ts';
import { FarPeer, type PeerContext } from './far-peer.ts';

/** Milliseconds between two looks at what cannot be reached; and for everything to be told to whom everything is ended. */
const LOOK_MS = 500;
const HALT_MS = 3_000;
/** Milliseconds that a connection which nobody needs is kept. */
const IDLE_MS = 2_000;

export class FarLinks {
  readonly #context: FarAgentContext & PeerContext;
  readonly #peers = new Map<string, FarPeer>();
  /** By session, then by agent. */
  readonly #agents = new Map<string, Map<string, FarAgent>>();
  /** Admitted in this process, with their first leases, and not yet seen as such. */
  readonly #admitted = new Set<string>();
  /** By peer, then by session. */
  readonly #names = new Map<string, Map<string, string[]>>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(context: FarAgentContext & PeerContext) {
    this.#context = context;
  }

  /** A session as it is now: those of its agents that are elsewhere are seen to. */
  look(state: SessionState): void {
    if (this.#stopped) return;
    this.#name(state);
    const of = this.#agents.get(state.id) ?? new Map<string, FarAgent>();
    for (const [agent, one] of of) if (!Object.hasOwn(state.far, agent)) this.#drop(of, agent, one);
    for (const [agent, far] of Object.entries(state.far)) {
      const { peer, session } = far;
      const known = of.get(agent);
      if (known !== undefined) known.saw(far);
      // Until it is admitted it is whoever asks for that who goes there.
      else if (session !== null) {
        const made = new FarAgent(this.#context, state.id, agent, this.peer(peer));
        if (this.#admitted.delete(agent)) made.placed();
        of.set(agent, made);
      }
    }
    if (of.size === 0) this.#agents.delete(state.id);
    else this.#agents.set(state.id, of);
    if (this.#agents.size > 0) this.#timer ??= setInterval(() => this.#lookAll(), LOOK_MS).unref();
  }

  /** Agents that run there or will, by what they are called here. */
  agentsOn(peer: string): string[] {
    return [...(this.#names.get(peer)?.values() ?? [])].flat().sort();
  }

  /** A session is gone, or has no agents. */
  gone(session: string): void {
    for (const of of this.#names.values()) of.delete(session);
    const of = this.#agents.get(session);
    for (const [agent, one] of of ?? []) this.#drop(of ?? new Map(), agent, one);
    this.#agents.delete(session);
  }

  /** The connection to a machine. */
  peer(peer: string): FarPeer {
    const known = this.#peers.get(peer);
    if (known !== undefined) return known;
    const made = new FarPeer(this.#context, peer);
    this.#peers.set(peer, made);
    return made;
  }

  /** Nobody may need it any more, unless somebody soon does. */
  letGo(peer: FarPeer): void {
    const timer = setTimeout(() => {
      if (!peer.idle || this.#peers.get(peer.peer) !== peer) return;
      this.#peers.delete(peer.peer);
      peer.stop();
    }, IDLE_MS);
    timer.unref();
  }

  /** One has been admitted, with its first lease, which is about to be recorded. */
  admitted(agent: string): void {
    this.#admitted.add(agent);
  }

  /** Everything is being ended, and told to: waits until that is heard, and gives the leases back. */
  async halt(): Promise<void> {
    const all = [...this.#agents.values()].flatMap((of) => [...of.values()]);
    const limit = AbortSignal.timeout(HALT_MS);
    await Promise.race([
      Promise.allSettled(all.map((one) => one.giveBack(limit))),
      sleep(HALT_MS, undefined, { ref: false }),
    ]);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const session of [...this.#agents.keys()]) this.gone(session);
    for (const peer of this.#peers.values()) peer.stop();
    this.#peers.clear();
  }

  #name({ id, name, far, agents }: SessionState): void {
    for (const of of this.#names.values()) of.delete(id);
    for (const [agent, { peer }] of Object.entries(far)) {
      const one = agents[agent];
      if (one === undefined || !isAlive(one)) continue;
      const of = this.#names.get(peer) ?? new Map<string, string[]>();
      of.set(id, [...(of.get(id) ?? []), `${name}/${one.name}`]);
      this.#names.set(peer, of);
    }
  }

  #drop(of: Map<string, FarAgent>, agent: string, one: FarAgent): void {
    of.delete(agent);
    one.stop();
    this.letGo(one.peer);
  }

  #lookAll(): void {
    for (const of of this.#agents.values()) for (const one of of.values()) void one.look().catch(() => {});
  }
}
