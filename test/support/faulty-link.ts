/**
 * A link that can be made faulty, between two programs that know nothing of it: TCP or a unix socket. What a fault takes from
 * a connection is gone, what it holds back comes late; unlike ./gate.ts it does so to each connection as a network would.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from './random.ts';

/**
 * - `drop`: what is sent on the present connections is lost, and nobody is told; new ones work;
 * - `delay`: everything takes DELAY_MS longer each way;
 * - `partition`: nothing passes, nothing is connected; what was held comes when it ends;
 * - `half-open`: one end of each present connection is closed, the other is not told; new ones work;
 * - `trickle`: one byte a second each way;
 * - `reset`: the present connections are reset;
 * - `flip`: one bit of the next bytes on each present connection.
 */
export const LINK_FAULTS = ['drop', 'delay', 'partition', 'half-open', 'trickle', 'reset', 'flip'] as const;
export type LinkFault = (typeof LINK_FAULTS)[number];

const DELAY_MS = 400;
const TRICKLE_MS = 1_000;
/** Bytes held for one direction while it is slowed or stopped, after which its sender is no longer read. */
const HELD_MAX = 256 * 1024;

export type Place = { path: string } | { port: number };

/** One connection: two ends, and the two directions between them. */
interface Pair {
  near: Socket;
  far: Socket;
  /** What is sent is thrown away, and closings are not passed on. */
  lost: boolean;
  flips: boolean;
  directions: Direction[];
}

interface Direction {
  pair: Pair;
  from: Socket;
  to: Socket;
  held: Buffer[];
  heldBytes: number;
  ended: boolean;
}

export class FaultyLink {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #to: Place;
  readonly #random: Random;
  #slow: 'delay' | 'partition' | 'trickle' | undefined;
  #shut = false;
  /** Milliseconds that everything takes each way, fault or none; what opens a connection as well. */
  lag = 0;
  #waiting: Socket[] = [];
  #trickle: NodeJS.Timeout | undefined;
  connections = 0;

  private constructor(to: Place, random: Random) {
    this.#to = to;
    this.#random = random;
    this.#server = createServer({ allowHalfOpen: false }, (near) => this.#connected(near));
  }

  /** Listens at a path, or at a free port. */
  static async open(to: Place, random: Random, path?: string): Promise<FaultyLink> {
    const link = new FaultyLink(to, random);
    if (path === undefined) link.#server.listen(0, '127.0.0.1');
    else link.#server.listen(path);
    await once(link.#server, 'listening');
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Brings a fault about. Those that last, last until `heal`. */
  bring(fault: LinkFault): void {
    if (fault === 'delay' || fault === 'partition' || fault === 'trickle') {
      this.#slow = fault;
      if (fault === 'trickle') this.#trickle = setInterval(() => this.#drip(), TRICKLE_MS);
      return;
    }
    for (const pair of this.#pairs) this.#spoil(pair, fault);
  }

  /** Resets what there is and whatever comes, until `heal`. */
  shut(): void {
    this.#shut = true;
    for (const pair of this.#pairs) this.#spoil(pair, 'reset');
  }

  heal(): void {
    this.#slow = undefined;
    this.#shut = false;
    clearInterval(this.#trickle);
    for (const { directions } of this.#pairs) for (const one of directions) this.#release(one);
    for (const near of this.#waiting.splice(0)) this.#lead(near);
  }

  async close(): Promise<void> {
    clearInterval(this.#trickle);
    for (const near of this.#waiting) near.destroy();
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }

  #spoil(pair: Pair, fault: LinkFault): void {
    if (fault === 'drop') pair.lost = true;
    if (fault === 'flip') pair.flips = true;
    if (fault === 'half-open') {
      pair.lost = true;
      this.#random.pick([pair.near, pair.far]).end();
    }
    if (fault === 'reset') for (const end of [pair.near, pair.far]) hangUp(end);
  }

  #connected(near: Socket): void {
    this.connections++;
    near.on('error', () => {});
    if (this.#shut) return hangUp(near);
    // As near as a socket can come to a network that answers nothing, or late.
    near.pause();
    if (this.#slow === 'partition') this.#waiting.push(near);
    else if (this.lag > 0) setTimeout(() => this.#lead(near), 2 * this.lag);
    else this.#lead(near);
  }

  #lead(near: Socket): void {
    if (this.#shut) return hangUp(near);
    const far = connect(this.#to as { port: number });
    const pair: Pair = { near, far, lost: false, flips: false, directions: [] };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      const one: Direction = { pair, from, to, held: [], heldBytes: 0, ended: false };
      pair.directions.push(one);
      if (!('path' in this.#to)) from.setNoDelay(true);
      from.on('error', () => {});
      const late = (go: () => void) => (this.lag > 0 ? void setTimeout(go, this.lag) : go());
      from.on('data', (chunk) => late(() => this.#take(one, chunk)));
      from.on('close', () => late(() => this.#ended(one)));
    }
    near.resume();
  }

  #take(one: Direction, bytes: Buffer): void {
    if (one.pair.lost) return;
    const chunk = one.pair.flips ? this.#flipped(one.pair, bytes) : bytes;
    if (this.#slow === undefined) return this.#pass(one, chunk);
    one.held.push(chunk);
    one.heldBytes += chunk.length;
    if (one.heldBytes > HELD_MAX) one.from.pause();
    if (this.#slow === 'delay') setTimeout(() => this.#late(one, chunk), DELAY_MS);
  }

  /** Its time has come, unless the link was healed before. */
  #late(one: Direction, chunk: Buffer): void {
    if (one.held[0] !== chunk) return;
    one.held.shift();
    one.heldBytes -= chunk.length;
    if (one.heldBytes <= HELD_MAX) one.from.resume();
    this.#pass(one, chunk);
  }

  #pass(one: Direction, chunk: Buffer): void {
    if (one.pair.lost || one.to.destroyed) return;
    if (one.to.write(chunk)) return;
    one.from.pause();
    one.to.once('drain', () => one.from.resume());
  }

  #flipped(pair: Pair, bytes: Buffer): Buffer {
    pair.flips = false;
    const copy = Buffer.from(bytes);
    const at = this.#random.int(0, copy.length - 1);
    copy[at] = (copy[at] ?? 0) ^ (1 << this.#random.int(0, 7));
    return copy;
  }

  #drip(): void {
    for (const { directions } of this.#pairs) {
      for (const one of directions) {
        const [first] = one.held;
        if (first === undefined) continue;
        this.#pass(one, first.subarray(0, 1));
        one.heldBytes--;
        if (first.length > 1) one.held[0] = first.subarray(1);
        else one.held.shift();
      }
    }
  }

  #release(one: Direction): void {
    for (const chunk of one.held.splice(0)) this.#pass(one, chunk);
    one.heldBytes = 0;
    one.from.resume();
    if (one.ended) this.#ended(one);
  }

  /** One end has closed. The other is told when what is held before that has passed; never, on a connection that is lost. */
  #ended(one: Direction): void {
    one.ended = true;
    const { pair, to } = one;
    if (this.#slow === 'delay') setTimeout(() => to.destroySoon(), DELAY_MS);
    else if (!pair.lost && this.#slow === undefined) to.destroySoon();
    if (pair.directions.every(({ ended }) => ended)) this.#pairs.delete(pair);
  }
}

function hangUp(socket: Socket): void {
  // Only TCP knows a reset.
  if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
