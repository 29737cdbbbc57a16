/** Meshes in this process, each a node with an identity of its own, whose incoming pipes echo unless told otherwise. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mesh, PeerAddress, Pipe, PipeEvents } from '@skein/node/mesh/api';
import { type Identity, openIdentity } from '@skein/node/mesh/identity';
import { startMesh } from '@skein/node/mesh/mesh';
import type { SkeinError } from '@skein/protocol/errors';

type Incoming = (pipe: Omit<Pipe, 'events'>) => PipeEvents | undefined;

export interface TestNode {
  mesh: Mesh;
  identity: Identity;
  /** Pipes that came in, in order. */
  arrived: { pipe: Omit<Pipe, 'events'>; end: Client }[];
  at(): PeerAddress;
  /** Opens a pipe and keeps what comes. */
  open(to: PeerAddress, wait?: number): Promise<Client>;
}

interface NodeOptions {
  listen?: string[];
  relays?: string[];
  incoming?: Incoming;
  admit?: (peer: string) => boolean;
  knows?: (peer: string) => boolean;
  home?: string;
}

/** One end of a pipe: what came, and how it ended. */
export class Client implements PipeEvents {
  pipe!: Omit<Pipe, 'events'>;
  readonly messages: Uint8Array[] = [];
  over = false;
  error: SkeinError | undefined;
  /** performance.now() when it was over. */
  overAt = 0;
  #waiting: (() => void)[] = [];
  onMessage: ((bytes: Uint8Array) => void) | undefined;

  message(bytes: Uint8Array): void {
    if (this.onMessage !== undefined) return this.onMessage(bytes);
    this.messages.push(bytes);
    this.#wake();
  }
  drain(): void {
    this.#wake();
  }
  closed(error?: Error): void {
    this.over = true;
    this.overAt = performance.now();
    this.error = error as SkeinError | undefined;
    this.#wake();
  }

  /** Waits until something holds of it. */
  async until(holds: () => boolean, ms = 10_000): Promise<void> {
    const end = performance.now() + ms;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`not within ${ms} ms`);
      await Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), sleep(20)]);
    }
  }

  /** Sends something to a far end that echoes; the milliseconds until it came back. */
  async echo(bytes: Uint8Array, ms = 10_000): Promise<number> {
    const began = performance.now();
    const before = this.messages.length;
    this.pipe.send(bytes);
    await this.until(() => this.over || this.messages.length > before, ms);
    if (this.messages.length <= before) throw this.error ?? new Error('the pipe was closed');
    return performance.now() - began;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export class Meshes {
  readonly #homes: string[] = [];
  readonly #running: Mesh[] = [];

  async node(options: NodeOptions = {}): Promise<TestNode> {
    const home = options.home ?? this.home();
    const identity = openIdentity(home);
    const arrived: TestNode['arrived'] = [];
    const mesh = await startMesh({
      identity,
      config: { listen: options.listen ?? [], relays: options.relays ?? [] },
      log: () => {},
      admit: options.admit ?? (() => true),
      // One that serves everybody knows everybody.
      knows: options.knows ?? (() => options.incoming === undefined),
      incoming:
        options.incoming ??
        ((pipe) => {
          const end = new Client();
          end.pipe = pipe;
          end.onMessage = (bytes) => pipe.send(bytes);
          arrived.push({ pipe, end });
          return end;
        }),
    });
    this.#running.push(mesh);
    return {
      mesh,
      identity,
      arrived,
      at: () => ({ peer: mesh.id, ...mesh.addresses() }),
      open: async (to, wait = 10_000) => {
        const client = new Client();
        client.pipe = await mesh.open(to, { wait, events: client });
        return client;
      },
    };
  }

  home(): string {
    const home = mkdtempSync(join(tmpdir(), 'sk-mesh-'));
    this.#homes.push(home);
    return home;
  }

  async end(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((mesh) => mesh.stop()));
    for (const home of this.#homes.splice(0)) rmSync(home, { recursive: true, force: true });
  }
}

/** Waits until something holds, looking often. */
export async function until(what: string, holds: () => boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(10);
  }
}
