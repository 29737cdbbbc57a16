/**
 * Machines on networks of their own (Linux network namespaces), joined by a router that a test tells which of them may
 * reach which. Programs of a machine are started behind its `under` words. Needs root and `ip`.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/**
 * What the router does with what one machine sends to another: passes it on, says that there is no way, or nothing at all.
 */
type Passage = 'open' | 'unreachable' | 'blackhole';

const made = new Set<Machines>();
process.once('exit', () => {
  for (const machines of made) machines.end();
});

export interface Machine {
  name: string;
  address: string;
  /** The words before a program's that start it there. */
  under: readonly string[];
}

interface Placed extends Machine {
  /** The number of its network: 10.99.N.0/24, with the router at .1. */
  network: number;
  namespace: string;
  moves: number;
}

export class Machines {
  readonly #id = `sk${randomBytes(3).toString('hex')}`;
  readonly #router = `${this.#id}-router`;
  readonly #namespaces: string[] = [];
  readonly #placed = new Map<string, Placed>();
  readonly #passages = new Map<string, Passage>();

  constructor() {
    made.add(this);
    try {
      this.#namespace(this.#router);
      ip('netns', 'exec', this.#router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Why there can be none here; undefined when there can. */
  static missing(): string | undefined {
    if (process.getuid?.() !== 0) return 'needs root';
    const name = `sk${randomBytes(3).toString('hex')}-try`;
    try {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two');
      return undefined;
    } catch (error) {
      return `no network namespaces: ${(error as Error).message}`;
    } finally {
      spawnSync('ip', ['netns', 'del', name]);
    }
  }

  /** Adds a machine on a network of its own, which all others can be reached from until told otherwise. */
  add(name: string): Machine {
    const network = this.#placed.size + 1;
    const namespace = `${this.#id}-${name}`;
    const port = `to-${name}`;
    this.#namespace(namespace);
    ip('-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', this.#router);
    ip('-n', this.#router, 'addr', 'add', `10.99.${network}.1/24`, 'dev', port);
    ip('-n', this.#router, 'link', 'set', 'dev', port, 'up');
    const placed: Placed = {
      ...{ name, network, namespace, moves: 0, address: '' },
      under: ['ip', 'netns', 'exec', namespace],
    };
    this.#placed.set(name, placed);
    this.#settle(placed);
    return placed;
  }

  /** Sets what becomes of packets between two machines, both ways. */
  between(one: string, other: string, passage: Passage): void {
    this.#direct(one, other, passage);
    this.#direct(other, one, passage);
  }

  /** Gives a machine another address, as another network would; connections from the old one are dead. */
  move(name: string): string {
    const placed = this.#get(name);
    placed.moves++;
    ip('-n', placed.namespace, 'addr', 'flush', 'dev', 'eth0');
    this.#settle(placed);
    return placed.address;
  }

  /** Pulls a machine's plug, or puts it in. */
  plug(name: string, plugged: boolean): void {
    const placed = this.#get(name);
    ip('-n', placed.namespace, 'link', 'set', 'dev', 'eth0', plugged ? 'up' : 'down');
    if (plugged) this.#settle(placed, 'replace');
  }

  /** Removes all of it. Programs that still run in it lose their network. */
  end(): void {
    made.delete(this);
    for (const name of this.#namespaces.splice(0)) spawnSync('ip', ['netns', 'del', name]);
  }

  #namespace(name: string): void {
    ip('netns', 'add', name);
    this.#namespaces.push(name);
    ip('-n', name, 'link', 'set', 'dev', 'lo', 'up');
  }

  #settle(placed: Placed, how: 'add' | 'replace' = 'add'): void {
    const { namespace, network } = placed;
    placed.address = `10.99.${network}.${2 + placed.moves}`;
    ip('-n', namespace, 'addr', how, `${placed.address}/24`, 'dev', 'eth0');
    ip('-n', namespace, 'link', 'set', 'dev', 'eth0', 'up');
    ip('-n', namespace, 'route', 'replace', 'default', 'via', `10.99.${network}.1`);
  }

  #direct(from: string, to: string, passage: Passage): void {
    const key = `${from} ${to}`;
    const before = this.#passages.get(key) ?? 'open';
    if (before === passage) return;
    const words = ['iif', `to-${from}`, 'to', `10.99.${this.#get(to).network}.0/24`];
    // The new one first: in between nothing may slip through.
    if (passage !== 'open') ip('-n', this.#router, 'rule', 'add', ...words, passage);
    if (before !== 'open') ip('-n', this.#router, 'rule', 'del', ...words, before);
    this.#passages.set(key, passage);
  }

  #get(name: string): Placed {
    const placed = this.#placed.get(name);
    if (placed === undefined) throw new Error(`there is no machine ${name}`);
    return placed;
  }
}

function ip(...words: string[]): void {
  const { status, error, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${(error?.message ?? stderr).trim()}`);
}
