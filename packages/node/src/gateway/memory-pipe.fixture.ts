/** For tests: a pipe within the process, between the product's client and a node that serves it. */
import type { Connect } from '@skein/protocol/client/transport';
import { SkeinError } from '@skein/protocol/errors';
import type { Pipe, PipeEvents } from './pipe.ts';

/** One direction: messages in order, each in a turn of its own, held while the reader has stopped. */
class Direction {
  #queue: { message: Uint8Array; sent: (() => void) | undefined }[] = [];
  #paused = false;
  #turning = false;
  buffered = 0;
  deliver: (message: Uint8Array) => void = () => {};

  send(message: Uint8Array, sent?: () => void): void {
    // The sender may use its bytes again.
    this.#queue.push({ message: Uint8Array.from(message), sent });
    this.buffered += message.length;
    this.#turn();
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    this.#turn();
  }

  /** Whatever was sent before still arrives. */
  async drained(): Promise<void> {
    while (this.#queue.length > 0 && !this.#paused)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #turn(): void {
    if (this.#turning || this.#paused || this.#queue.length === 0) return;
    this.#turning = true;
    setImmediate(() => {
      this.#turning = false;
      const next = this.#paused ? undefined : this.#queue.shift();
      if (next !== undefined) {
        this.buffered -= next.message.length;
        this.deliver(next.message);
        next.sent?.();
      }
      this.#turn();
    });
  }
}

interface MemoryConnector {
  connect: Connect;
  /** Breaks the present connection, as a lost network does. */
  cut(): void;
}

/** Connects to whoever `serve` begins; `serve` may turn it away. */
export function memoryConnector(serve: (pipe: Pipe) => PipeEvents | undefined): MemoryConnector {
  let cut = (): void => {};
  const connect: Connect = async (events) => {
    const [up, down] = [new Direction(), new Direction()];
    let over = false;
    let served: PipeEvents | undefined;
    const end = () => {
      if (over) return;
      over = true;
      up.deliver = () => {};
      void down.drained().then(() => {
        down.deliver = () => {};
        events.closed();
      });
      served?.closed();
    };
    down.deliver = (message) => events.message(message);
    served = serve({
      get buffered() {
        return down.buffered;
      },
      send: (message, sent) => down.send(message, sent),
      pause: () => up.pause(true),
      resume: () => up.pause(false),
      close: end,
    });
    if (served === undefined) throw new SkeinError('node_unreachable', 'The node turned it away.');
    up.deliver = (message) => served?.message(message);
    cut = end;
    return {
      send: (message) => up.send(message),
      get buffered() {
        return up.buffered;
      },
      pause: () => down.pause(true),
      resume: () => down.pause(false),
      close: end,
    };
  };
  return { connect, cut: () => cut() };
}
