/**
 * One other node (rules M5, C4): its connections, which of them is used, and whether a better one is looked for. Moving from
 * one path to another ends the tunnels of the first with `moved`; their owners go on from their cursors on the next.
 */
import type { Connection } from '@libp2p/interface';
import { SkeinError } from '@skein/protocol/errors';
import type { OpenOptions, PeerAddress, PeerStatus, Pipe, PipeEvents } from '../api.ts';
import type { Whereabouts } from '../tunnels/frames.ts';
import { TUNNELS_MAX } from '../tunnels/limits.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import { type ByteStream, TunnelLink } from '../tunnels/tunnels.ts';
import { Attempts } from './attempts.ts';
import { bestOf, GOES_ON, isWell, mayUse, pursuitOf } from './choice.ts';
import type { PeerContext } from './context.ts';
import { Distrust } from './distrust.ts';
import { abortConnection, closeConnection, type Held, linksOf, newHeld } from './held.ts';
import { Places } from './places.ts';
import { peerStatus, unreachable } from './status.ts';
import { Waiters } from './waiters.ts';

/** Milliseconds without tunnels after which a path is let go; the far end's stream is given twice that. */
const IDLE_MS = 5 * 60_000;
/** Milliseconds that a connection may be there unused, and that a stranger has to become known, as by a ticket. */
const UNUSED_MS = 10_000;
/** Milliseconds: what serves a tunnel hears nothing either, and may give it up a little before its link is. */
const GIVEN_UP_MS = 10_000;

export class Peer {
  readonly id: string;
  readonly #context: PeerContext;
  readonly #held = new Map<Connection, Held>();
  readonly #attempts: Attempts;
  readonly #waiters: Waiters;
  #present: Held | undefined;
  readonly #opening = new Set<Held>();
  /** Whether the last stream to it that was opened was also answered. */
  #greetedBefore = false;
  readonly #places = new Places();
  readonly #distrust = new Distrust();
  #wanted = false;
  /** performance.now() of the last time that somebody used it. */
  #usedAt = 0;
  /** Whether the node has ever known it while it was here: what is shut out again goes by its own ways. */
  #known = false;
  #settling = false;
  #stopped = false;
  #error: string | undefined;
  readonly #before = { in: 0, out: 0 };
  /** performance.now() when tunnels of its broke off. */
  brokeAt = Number.NEGATIVE_INFINITY;

  constructor(id: string, context: PeerContext) {
    this.id = id;
    this.#context = context;
    const changed = () => this.settle();
    this.#waiters = new Waiters({ changed, late: () => unreachable(id, this.#attempts.reasons()) });
    this.#attempts = new Attempts(changed, () => this.#waiters.refused());
  }

  /** Whether there is nothing left to remember. */
  get forgettable(): boolean {
    return this.#held.size === 0 && !this.#wanted;
  }

  /** Neither wanted nor known to the node. That somebody serves its tunnels means nothing: it may be about to be refused. */
  get stranger(): boolean {
    this.#known ||= this.#context.knows(this.id);
    return !this.#wanted && !this.#known;
  }

  /** Where this node can be reached, if it may know. */
  get #here(): Whereabouts | undefined {
    return this.stranger ? undefined : this.#context.here();
  }

  get connections(): number {
    return this.#held.size;
  }

  /** Whether something of its waits for a path, or hangs. */
  get suspect(): boolean {
    return [...this.#held.values()].some((held) => !isWell(held));
  }

  async open(address: PeerAddress, options: OpenOptions): Promise<Pipe> {
    this.#places.give(address);
    this.#wanted = true;
    this.#usedAt = performance.now();
    const pipe = this.#waiters.add(options);
    this.settle();
    return await pipe;
  }

  /** A connection came, from either end. */
  connected(connection: Connection, kind: Held['kind'], via: string | undefined): void {
    const held = newHeld(connection, kind, via);
    this.#held.set(connection, held);
    connection.addEventListener('close', () => {
      this.#held.delete(connection);
      if (this.#present === held) this.#present = undefined;
      this.settle();
    });
    this.settle();
  }

  /** The far end opened a stream for its tunnels. */
  stream(stream: ByteStream, connection: Connection): void {
    const held = this.#held.get(connection);
    if (held === undefined) return stream.abort(new Error('the connection is being closed'));
    const link: TunnelLink = new TunnelLink(this.id, stream, this.#here, {
      at: (whereabouts) => this.#at(whereabouts),
      incoming: (tunnel) => this.#incoming(tunnel),
      changed: () => this.settle(),
      closed: (error, tunnels) => {
        held.in.delete(link);
        if ((tunnels > 0 || link.idleFor < GIVEN_UP_MS) && error.code === 'peer_lost')
          this.brokeAt = performance.now();
        this.#ended(held, link, error);
      },
    });
    held.in.add(link);
  }

  status(): PeerStatus {
    return peerStatus({
      id: this.id,
      held: [...this.#held.values()],
      present: this.#present,
      before: this.#before,
      wanted: this.#wanted,
      error: this.#error,
    });
  }

  /** Cuts everything now; what is waited for is refused. */
  cut(error: SkeinError): void {
    this.#wanted = false;
    this.#known = false;
    this.#waiters.rejectAll(error);
    const all = [...this.#held.values()];
    // Forgotten first: while a connection closes, nothing new may begin on it.
    this.#held.clear();
    this.#present = undefined;
    for (const held of all) {
      for (const link of linksOf(held)) link.end(error);
      closeConnection(held.connection);
    }
    this.settle();
  }

  /** Tells it where this node can be reached, if it is no stranger: again, or where it was not told yet. */
  tell(again: boolean): void {
    const here = this.#here;
    const links = here === undefined ? [] : [...this.#held.values()].flatMap(linksOf);
    for (const link of links) if (here !== undefined && (again || !link.told)) link.tell(here);
  }

  /** The network changed: what there is is asked whether it lives, and what there is not is tried. */
  nudge(): void {
    this.#distrust.forget();
    for (const held of this.#held.values()) for (const link of linksOf(held)) link.ask();
    this.#attempts.nudge();
  }

  stop(error: SkeinError): void {
    this.cut(error);
    this.#stopped = true;
    this.#attempts.stop();
  }

  /** From time to time: lets go what is not used. */
  sweep(now: number): void {
    if (this.#places.due(now) || this.#distrust.isOver(now)) this.settle();
    this.tell(false);
    const present = this.#present?.out;
    const busy = this.#waiters.size > 0 || (present?.tunnels ?? 0) > 0;
    if (busy) this.#usedAt = now;
    if (this.#wanted && now - this.#usedAt > IDLE_MS) {
      this.#wanted = false;
      present?.end(new SkeinError('gone', 'Nothing was sent for a while.'));
      this.settle();
    }
    for (const [connection, held] of [...this.#held]) {
      // One that was closed before anybody could listen for that.
      if (connection.status !== 'open' && connection.status !== 'closing') this.#held.delete(connection);
      for (const link of held.in)
        if (link.tunnels === 0 && now - link.idleSince > 2 * IDLE_MS)
          link.end(new SkeinError('gone', 'Nothing was sent for a while.'));
      const unused = linksOf(held).length === 0 && !this.#opening.has(held);
      const strange = this.stranger && now - held.came > UNUSED_MS;
      if (strange || (unused && now - held.unusedSince > UNUSED_MS)) closeConnection(held.connection);
    }
  }

  /** Brings what is used, and what is tried, in line with what there is. */
  settle(): void {
    // What it does may change what there is; then it is done again, not within itself.
    if (this.#settling) return;
    this.#settling = true;
    queueMicrotask(() => {
      this.#settling = false;
      if (!this.#stopped) this.#settle();
    });
  }

  #settle(): void {
    const shunned = this.#distrust.shuns(performance.now());
    const best = bestOf([...this.#held.values()], this.#present, shunned);
    if (this.#wanted && best !== undefined && best !== this.#present) {
      if (best.out === undefined) void this.#openOn(best);
      else if (mayUse(best, this.#present, this.#greetedBefore)) this.#use(best);
    }
    const link = this.#present?.out;
    if (link !== undefined && !link.over && !link.suspect)
      this.#waiters.serve((options) => link.open(options.events));
    const pursuit = pursuitOf(this.#wanted, best, this.#present, this.#waiters.size, shunned);
    const { addrs, relays } = this.#places.all;
    const uneasy = this.#wanted && (pursuit === 'hurried' || link?.uneasy === true);
    this.#context.await(this.id, uneasy ? relays : []);
    const routes = pursuit === 'off' ? undefined : this.#context.routes(this.id, addrs, relays);
    this.#attempts.pursue(pursuit, routes);
    this.#context.settled();
  }

  /** Opens this end's stream there. */
  async #openOn(held: Held): Promise<void> {
    if (this.#opening.has(held)) return;
    this.#opening.add(held);
    try {
      const stream = await this.#context.openStream(held.connection);
      const link: TunnelLink = new TunnelLink(this.id, stream, this.#context.here(), {
        at: (whereabouts) => this.#at(whereabouts),
        changed: () => this.settle(),
        closed: (error) => {
          held.out = undefined;
          if (this.#present === held) this.#present = undefined;
          this.#error = error.message;
          if (held.kind === 'direct' && link.suspect && error.code === 'peer_lost')
            this.#distrust.broke(performance.now());
          // It would not speak, or does not want to any longer: next time it speaks first.
          if (!link.greeted || !GOES_ON.includes(error.code)) this.#greetedBefore = false;
          if (!link.greeted) closeConnection(held.connection);
          this.#ended(held, link, error);
        },
      });
      held.out = link;
    } catch (error) {
      this.#error = SkeinError.from(error).message;
      closeConnection(held.connection);
    }
    this.#opening.delete(held);
    this.settle();
  }

  /** Moves to a connection on which a stream is open. */
  #use(held: Held): void {
    const before = this.#present;
    this.#present = held;
    this.#error = undefined;
    if (before !== undefined) this.#leave(before, held.kind);
  }

  #leave(before: Held, kind: Held['kind']): void {
    const moved = new SkeinError('moved', `A better path to this peer is there: ${kind}.`);
    if (isWell(before)) return before.out?.end(moved);
    if (before.kind === 'direct') this.#distrust.broke(performance.now());
    // Nobody is there to be told.
    before.out?.abort(moved);
    abortConnection(before.connection, moved);
  }

  #at(whereabouts: Whereabouts): void {
    this.#greetedBefore = true;
    this.#context.told(this.id, whereabouts);
    if (this.#places.tell(whereabouts, performance.now())) this.#attempts.nudge('direct');
    this.settle();
  }

  #incoming(tunnel: Tunnel): PipeEvents | SkeinError {
    this.tell(false);
    const links = [...this.#held.values()].flatMap((held) => [...held.in]);
    if (links.reduce((sum, link) => sum + link.tunnels, 0) > TUNNELS_MAX)
      return new SkeinError('mailbox_full', `A peer has at most ${TUNNELS_MAX} tunnels.`);
    return this.#context.incoming(tunnel);
  }

  #ended(held: Held, link: TunnelLink, error: SkeinError): void {
    this.#before.in += link.bytesIn;
    this.#before.out += link.bytesOut;
    held.unusedSince = performance.now();
    // What is dead below is not tried again, though nothing may have closed it yet.
    if (error.code === 'peer_lost') {
      this.#held.delete(held.connection);
      abortConnection(held.connection, error);
    }
    this.settle();
  }
}
