/** A TCP proxy that a test can shut, freeze, slow and spoil, between two programs that know nothing of it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of a chunk on its way: nothing for undefined. `n` is its number in this direction, from 0. */
export type Spoil = (chunk: Buffer, direction: 'there' | 'back', n: number) => Buffer[] | undefined;

/**
 * `open`; `shut`: everything is reset, and refused; `frozen`: nothing passes, and nobody is told, and what was sent comes when
 * it is open again; `lost`: nothing passes, and what was connected never passes anything again.
 */
export type GateState = 'open' | 'shut' | 'frozen' | 'lost';

export class Gate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #dead = new WeakSet<Socket>();
  readonly #held: (() => void)[] = [];
  #state: GateState = 'open';
  #target: { host: string; port: number };
  spoil: Spoil | undefined;
  /** Milliseconds each way. */
  delay = 0;
  passed = 0;
  connections = 0;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer((near) => this.#connected(near));
  }

  static async to(port: number, host = '127.0.0.1'): Promise<Gate> {
    const gate = new Gate({ host, port });
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  set(state: GateState): void {
    this.#state = state;
    if (state === 'shut') for (const socket of this.#sockets) socket.resetAndDestroy();
    if (state === 'lost') for (const socket of this.#sockets) this.#dead.add(socket);
    // What was frozen comes late, as from a network that held it.
    if (state === 'open') for (const go of this.#held.splice(0)) go();
  }

  lead(port: number): void {
    this.#target = { ...this.#target, port };
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#held.length = 0;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connected(near: Socket): void {
    this.connections++;
    this.#keep(near);
    this.#lead(near);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #lead(near: Socket): void {
    if (this.#state === 'shut') return void near.resetAndDestroy();
    if (this.#state === 'lost') return void this.#dead.add(near);
    // A frozen network accepts nothing either; this comes as near to that as a socket can.
    if (this.#state === 'frozen') return void this.#held.push(() => this.#lead(near));
    const far = connect(this.#target);
    far.on('error', () => near.resetAndDestroy());
    this.#keep(far);
    this.#pass(near, far, 'there');
    this.#pass(far, near, 'back');
    near.on('close', () => this.#whenOpen(() => this.#dead.has(near) || far.destroy()));
    far.on('close', () => this.#whenOpen(() => this.#dead.has(far) || near.destroy()));
  }

  #pass(from: Socket, to: Socket, direction: 'there' | 'back'): void {
    let n = 0;
    from.on('data', (chunk: Buffer) => {
      if (this.#dead.has(from) || this.#dead.has(to)) return;
      const parts = this.spoil === undefined ? [chunk] : (this.spoil(chunk, direction, n++) ?? []);
      for (const part of parts) {
        this.passed += part.length;
        const go = () => this.#whenOpen(() => this.#dead.has(to) || to.write(part));
        if (this.delay > 0) setTimeout(go, this.delay);
        else go();
      }
      if (to.writableNeedDrain && !from.isPaused()) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
  }

  #whenOpen(go: () => void): void {
    if (this.#state === 'frozen') this.#held.push(go);
    else go();
  }
}
