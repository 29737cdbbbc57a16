/** A proxy that keeps, of each connection, what either end sent, so that it can be sent again. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Taped {
  there: Buffer[];
  back: Buffer[];
}

export class Tape {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly connections: Taped[] = [];

  private constructor(to: number) {
    this.#server = createServer((near) => {
      const taped: Taped = { there: [], back: [] };
      this.connections.push(taped);
      const far = connect(to, '127.0.0.1');
      for (const [from, other, kept] of [
        [near, far, taped.there],
        [far, near, taped.back],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => {});
        from.on('data', (chunk) => kept.push(chunk));
        from.pipe(other);
        from.on('close', () => {
          this.#sockets.delete(from);
          other.destroy();
        });
      }
    });
  }

  static async before(port: number): Promise<Tape> {
    const tape = new Tape(port);
    tape.#server.listen(0, '127.0.0.1');
    await once(tape.#server, 'listening');
    return tape;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Sends bytes to a port, as they were sent once, and waits until that end has done with them; what it answered. */
export function sendAgain(port: number, bytes: Uint8Array, patience: number): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  const answered: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk) => answered.push(chunk));
  socket.end(bytes);
  const limit = setTimeout(() => socket.destroy(), patience);
  return new Promise((resolve) =>
    socket.on('close', () => {
      clearTimeout(limit);
      resolve(Buffer.concat(answered));
    }),
  );
}
