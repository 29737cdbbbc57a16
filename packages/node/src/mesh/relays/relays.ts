/** All relays this node uses (rule R3): those it is configured with, and those that only lead to some peer. */
import { parseRelayAddress, type RelayAddress } from '@skein/protocol/relay/address';
import type { RelayStatus } from '../api.ts';
import type { Identity } from '../identity.ts';
import { RelayClient } from './client.ts';
import { RelayPins } from './pins.ts';

/** Relays that are not configured, at once; and the milliseconds after which one that is not used is let go. */
const BORROWED_MAX = 32;
const BORROWED_MS = 5 * 60_000;

interface RelaysEvents {
  incoming(client: RelayClient, token: Uint8Array, from: string): void;
  changed(registered: boolean): void;
}

export class Relays {
  readonly #identity: Identity;
  readonly #pins: RelayPins;
  readonly #events: RelaysEvents;
  #clients: RelayClient[] = [];
  /** Those that peers wait for, by peer; and whether this node itself must be found. */
  readonly #awaited = new Map<string, RelayClient[]>();
  #needed = false;

  constructor(identity: Identity, events: RelaysEvents) {
    this.#identity = identity;
    this.#pins = new RelayPins(identity.dir);
    this.#events = events;
  }

  /** Registers with these and no others. The addresses have been parsed before. */
  configure(addresses: readonly RelayAddress[], admissions: Record<string, string>): void {
    const stands = ({ address, admission }: RelayClient) =>
      addresses.some((one) => same(address, one)) && admission === admissions[address.url];
    const kept = this.#clients.filter((client) => {
      const stays = !client.listen || stands(client);
      if (!stays) client.stop();
      return stays;
    });
    this.#clients = kept;
    for (const address of addresses) {
      if (kept.some((client) => client.listen && same(client.address, address))) continue;
      // One that was only dialled through makes room: a PeerId has one connection to a relay.
      this.#drop((client) => !client.listen && client.address.url === address.url);
      this.#add(address, true, admissions[address.url]);
    }
    this.#hurry();
  }

  /** The client for a relay that a peer names; undefined when its address is none, or there are too many. */
  client(text: string): RelayClient | undefined {
    let address: RelayAddress;
    try {
      address = parseRelayAddress(text);
    } catch {
      return undefined;
    }
    const { url, relay } = address;
    const found =
      // What an address says of itself is no proof: a false way to a relay must not be taken for a true one.
      this.#clients.find((client) => client.registered && relay !== undefined && client.id === relay) ??
      this.#clients.find(
        ({ address, id }) => address.url === url && (relay === undefined || id === undefined || id === relay),
      );
    if (found !== undefined) return found;
    const now = performance.now();
    this.#drop((client) => !client.listen && now - client.usedAt > BORROWED_MS && !this.#isAwaited(client));
    if (this.#clients.filter((client) => !client.listen).length >= BORROWED_MAX && !this.#makeRoom())
      return undefined;
    return this.#add(address, false, undefined);
  }

  /** These relays are waited for on behalf of a peer; none, when nobody waits. */
  await(peer: string, clients: readonly RelayClient[]): void {
    if (clients.length === 0) this.#awaited.delete(peer);
    else this.#awaited.set(peer, [...clients]);
    this.#hurry();
  }

  /** Whether somebody looks for this node just now. */
  need(needed: boolean): void {
    if (needed === this.#needed) return;
    this.#needed = needed;
    this.#hurry();
  }

  nudge(): void {
    for (const client of this.#clients) client.nudge();
  }

  statuses(): RelayStatus[] {
    return this.#clients.filter((client) => client.listen).map((client) => client.status());
  }

  /** The URL of the relay with this PeerId. */
  urlOf(relay: string): string | undefined {
    return this.#clients.find((client) => client.id === relay)?.address.url;
  }

  /** The addresses of those that lead to this node, pinned once they are known. */
  told(): string[] {
    return this.#clients.filter((client) => client.listen).map((client) => client.told);
  }

  stop(): void {
    this.#drop(() => true);
    this.#awaited.clear();
  }

  #add(address: RelayAddress, listen: boolean, admission: string | undefined): RelayClient {
    const client: RelayClient = new RelayClient({
      address,
      listen,
      admission,
      identity: this.#identity,
      pins: this.#pins,
      claim: (relay) => this.#claim(client, relay),
      incoming: (token, from) => this.#events.incoming(client, token, from),
      changed: (registered) => this.#events.changed(registered),
    });
    this.#clients.push(client);
    return client;
  }

  /**
   * Whether this client may register at this relay, where a PeerId has one connection. One by which this node is reached goes
   * before all that are only dialled through: whoever names a way to the same relay must not take it away. While that one
   * leads nowhere, the others may.
   */
  #claim(client: RelayClient, relay: string): boolean {
    const rivals = this.#clients.filter((other) => other !== client && other.id === relay);
    if (!client.listen)
      return !rivals.some((other) => other.registered || (other.listen && other.registering));
    this.#drop((other) => rivals.includes(other) && !other.listen);
    return !rivals.some((other) => other.listen && other.registered);
  }

  /** Lets the client go that leads nowhere and was used longest ago, so that a peer's false addresses keep out nobody's true ones. */
  #makeRoom(): boolean {
    const idle = this.#clients.filter((one) => !one.listen && !one.registered && !this.#isAwaited(one));
    const [oldest] = idle.sort((a, b) => a.usedAt - b.usedAt);
    if (oldest === undefined) return false;
    this.#drop((one) => one === oldest);
    return true;
  }

  #drop(which: (client: RelayClient) => boolean): void {
    const gone = this.#clients.filter(which);
    this.#clients = this.#clients.filter((client) => !gone.includes(client));
    for (const client of gone) client.stop();
  }

  #isAwaited(client: RelayClient): boolean {
    return [...this.#awaited.values()].some((clients) => clients.includes(client));
  }

  #hurry(): void {
    for (const client of this.#clients)
      client.hurry(this.#isAwaited(client) || (client.listen && this.#needed));
  }
}

function same(one: RelayAddress, other: RelayAddress): boolean {
  return one.url === other.url && one.relay === other.relay;
}
