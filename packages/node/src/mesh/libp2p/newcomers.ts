/**
 * Direct connections that have not yet proved who they are (rule C5): few from one address, so that whoever opens many and
 * says nothing keeps nobody else out. Those through a relay are the relay's to count, which knows who dials.
 */
import type { MultiaddrConnection } from '@libp2p/interface';

/** Connections from one address (an IPv6 network of 64 bits) that may be proving themselves at once. */
const PER_ADDRESS = 16;

export class Newcomers {
  readonly #counts = new Map<string, number>();
  readonly #from = new WeakMap<MultiaddrConnection, string>();

  /** Whether this one may try. */
  came(connection: MultiaddrConnection): boolean {
    const from = addressOf(connection);
    if (from === undefined) return true;
    const count = this.#counts.get(from) ?? 0;
    if (count >= PER_ADDRESS) return false;
    this.#counts.set(from, count + 1);
    this.#from.set(connection, from);
    connection.addEventListener('close', () => this.proved(connection), { once: true });
    return true;
  }

  /** It has proved who it is, or is gone. */
  proved(connection: MultiaddrConnection): void {
    const from = this.#from.get(connection);
    if (from === undefined) return;
    this.#from.delete(connection);
    const left = (this.#counts.get(from) ?? 1) - 1;
    if (left > 0) this.#counts.set(from, left);
    else this.#counts.delete(from);
  }
}

function addressOf({ remoteAddr }: MultiaddrConnection): string | undefined {
  const parts = remoteAddr.getComponents();
  if (parts.some((part) => part.name === 'p2p-circuit')) return undefined;
  const host = parts.find((part) => part.name === 'ip4' || part.name === 'ip6');
  return host?.name === 'ip6' ? networkOf(host.value ?? '') : host?.value;
}

/** The first 64 bits of an IPv6 address: whoever has one address of a network has all of it. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...last];
  return groups.slice(0, 4).join(':');
}
