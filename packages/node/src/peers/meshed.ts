/**
 * The mesh in the life of the node (rules M1, M4): loaded when it is configured, changed when that changes, ended with the
 * node; who may come in, and the way out to the nodes that are known.
 */
import os from 'node:os';
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import { emptyPeers, type KnownPeer, type PeersState } from '@skein/protocol/peers/state';
import { meant } from '../actors/meant.ts';
import type { PipeEvents } from '../gateway/pipe.ts';
import type { KernelApi } from '../kernel/types.ts';
import type { Mesh, MeshConfig, PeerAddress, Pipe } from '../mesh/api.ts';
import type { Identity } from '../mesh/identity.ts';
import { loadMesh } from '../mesh/load.ts';
import type { Log } from '../node-log.ts';
import { placedAnew } from './actor.ts';
import { keepAdmission, readAdmissions } from './admissions.ts';
import { byName } from './plain-words.ts';
import { ToldPlaces } from './told-places.ts';

/** Where a node listens that was not told: on this machine alone. */
const LISTEN = ['127.0.0.1:0'];
/** What is configured for listening nowhere: the node is found at relays alone. */
const NOWHERE = 'none';
/** Milliseconds for a path to another node, for somebody who waits at a terminal. */
const OPEN_MS = 15_000;
/** Milliseconds until a mesh that could not be had is tried again: whatever kept it may be over. */
const AGAIN_MS = 5_000;

interface MeshedContext {
  kernel: KernelApi;
  identity: Identity;
  log: Log;
  /** Serves an incoming pipe of a device, or turns it away. */
  accept(device: string, pipe: Omit<Pipe, 'events'>): PipeEvents | undefined;
  /** Whether a device is a member's here. */
  knows(device: string): boolean;
}

export class Meshed {
  readonly #context: MeshedContext;
  #mesh: Mesh | undefined;
  #error: SkeinError | undefined;
  #again: NodeJS.Timeout | undefined;
  #last = emptyPeers();
  /** What is being done to the mesh; the next waits for it. */
  #work: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly #told = new ToldPlaces({
    isNews: (peer, places) => placedAnew(this.state, peer, places) !== undefined,
    keep: (peer, places) => {
      const told = { target: 'peers', type: 'peer.told', body: { peer, ...places } };
      void this.#context.kernel.submit(NODE_ITSELF, told);
    },
  });

  constructor(context: MeshedContext) {
    this.#context = context;
  }

  get id(): string {
    return this.#context.identity.id;
  }

  /**
   * What is known and configured now. While the log is being repaired it is not in memory: then the last holds, so that
   * nobody who is blocked comes in meanwhile, and it is asked for again.
   */
  get state(): PeersState {
    const { kernel } = this.#context;
    const state = kernel.peek<PeersState>('peers');
    if (state === undefined) void kernel.state('peers').catch(() => {});
    else this.#last = state;
    return this.#last;
  }

  /** What others call this node, unless they choose otherwise. */
  get name(): string {
    return this.state.name || os.hostname().split('.')[0] || 'node';
  }

  /** The mesh, if it is on; throws why it is not. */
  get mesh(): Mesh {
    if (this.#mesh !== undefined) return this.#mesh;
    throw (
      this.#error ??
      new SkeinError('mesh_off', 'This node meets no others. Turn that on: skein mesh --on', {
        see: 'skein mesh --help',
      })
    );
  }

  get running(): Mesh | undefined {
    return this.#mesh;
  }

  get error(): SkeinError | undefined {
    return this.#error;
  }

  /** What of the mesh cannot be had as it is configured, in a sentence or more; undefined when all is. */
  get lacks(): string | undefined {
    const lacking = this.#error === undefined ? (this.#mesh?.notListening() ?? []) : [this.#error.message];
    return lacking.length === 0 ? undefined : lacking.join(' ');
  }

  /** Keeps or forgets a relay's admission token, and registers with it. */
  async keepAdmission(relay: string, token: string | undefined): Promise<void> {
    keepAdmission(this.#context.identity.dir, relay, token);
    await this.apply();
  }

  /** Makes the mesh as it is configured: loads, changes or ends it. Rejects with what is wrong with the configuration. */
  apply(): Promise<void> {
    const done = this.#work.then(() => this.#apply());
    this.#work = done.catch(() => {});
    return done;
  }

  async #apply(): Promise<void> {
    const before = this.#error?.message;
    this.#error = undefined;
    clearTimeout(this.#again);
    try {
      // Brings the state into memory, where `state` finds it.
      await this.#context.kernel.state('peers');
      if (!this.state.on || this.#stopped) await this.#end();
      else if (this.#mesh !== undefined) await this.#mesh.configure(this.#config());
      else this.#mesh = await this.#begin(this.#config());
    } catch (thrown) {
      this.#error = SkeinError.from(thrown);
      const { message } = this.#error;
      if (message !== before)
        this.#context.log('warn', 'The mesh cannot be had as it is configured.', { error: message });
      if (!this.#stopped) this.#again = setTimeout(() => void this.apply().catch(() => {}), AGAIN_MS);
      throw this.#error;
    }
  }

  #config(): MeshConfig {
    const { listen, relays } = this.state;
    const places = listen.filter((place) => place !== NOWHERE);
    const admissions = readAdmissions(this.#context.identity.dir);
    return { listen: listen.length > 0 ? places : LISTEN, relays, admissions };
  }

  async #begin(config: MeshConfig): Promise<Mesh> {
    const { identity, log, accept, knows } = this.#context;
    const { startMesh } = await loadMesh();
    return startMesh({
      identity,
      config,
      log,
      incoming: (pipe) => accept(pipe.peer, pipe),
      admit: (peer) => !this.state.blocked.includes(peer),
      knows: (peer) => Object.hasOwn(this.state.known, peer) || knows(peer),
      told: (peer, places) => this.#told.tell(peer, places, performance.now()),
    });
  }

  async #end(): Promise<void> {
    const mesh = this.#mesh;
    this.#mesh = undefined;
    await mesh?.stop();
  }

  /** The node that a person means by a name, a PeerId, or the beginning of one. Throws `not_found` or `ambiguous`. */
  known(ref: string): KnownPeer {
    const found = meant(Object.values(this.state.known), ref, ({ peer, name }) => [peer, name]);
    if (found.only !== undefined) return found.only;
    if (found.begun.length > 1) {
      const names = found.begun.map(({ name }) => name).join(', ');
      throw new SkeinError('ambiguous', `"${ref}" could be any of: ${names}. Say more of the name.`);
    }
    throw new SkeinError(
      'not_found',
      `No node "${ref}" is known here. Those that are: skein nodes. To join one: skein join`,
      { node: ref },
    );
  }

  /** Resolves when what is being done to the mesh is done: while the node starts, it is not off but on its way. */
  get settled(): Promise<void> {
    return this.#work;
  }

  /** Opens a pipe to a node that is known. */
  async open(ref: string, events: PipeEvents, signal: AbortSignal): Promise<Pipe> {
    await this.settled;
    // First whether there is such a node: turning the mesh on would not bring it.
    const known = this.known(ref);
    try {
      return await this.mesh.open(addressOf(known), { wait: OPEN_MS, signal, events });
    } catch (error) {
      throw byName(known.name, error);
    }
  }

  /** How a device is connected; undefined when it is not. */
  pathOf(device: string): string | undefined {
    const path = this.#mesh?.peers().find(({ peer }) => peer === device)?.path;
    return path === 'none' ? undefined : path;
  }

  cut(peer: string, why: string): void {
    this.#mesh?.cut(peer, why);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#work;
    clearTimeout(this.#again);
    await this.#end();
    this.#told.stop();
  }
}

export function addressOf({ peer, addrs, relays }: KnownPeer): PeerAddress {
  return { peer, addrs, relays };
}
