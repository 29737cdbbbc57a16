/** The node's control connection to one host: requests with answers, and what the host tells unasked. */
import net from 'node:net';
import { pack, unpack } from '@skein/protocol/codec';
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { FrameReader, frame, HOST_VERSIONS, HostFrame } from '@skein/protocol/host/frames';
import { MAX_FRAME } from '@skein/protocol/limits';
import type { ControlAnswers, ControlBodies, HostEvent } from '../host/control.ts';

/** Milliseconds for a host to answer. Hosts answer at once; one that does not is stopped or broken. */
const ANSWER_MS = 10_000;

interface HostLinkEvents {
  event(event: HostEvent): void;
  closed(): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

export class HostLink {
  readonly #socket: net.Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #events: HostLinkEvents;
  #n = 0;
  #answers = true;
  #welcome: ((error?: Error) => void) | undefined;
  /** What the host calls itself. */
  id = '';
  version = '';
  pid = 0;

  /** Whether it has answered within its time, or said anything since it did not. */
  get answers(): boolean {
    return this.#answers;
  }

  private constructor(socket: net.Socket, events: HostLinkEvents) {
    this.#socket = socket;
    this.#events = events;
    const reader = new FrameReader();
    socket.on('data', (chunk: Uint8Array) => {
      try {
        reader.push(chunk, (type, payload) => this.#frame(type, payload));
      } catch {
        socket.destroy();
      }
    });
    // A close follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      const lost = new SkeinError('host_lost', 'The connection to the host was lost.');
      this.#welcome?.(lost);
      for (const { reject, timer } of this.#waiting.values()) {
        clearTimeout(timer);
        reject(lost);
      }
      this.#waiting.clear();
      events.closed();
    });
  }

  /** Connects to a host's socket with its key. */
  static async open(
    path: string,
    key: string,
    events: HostLinkEvents,
    patience = ANSWER_MS,
  ): Promise<HostLink> {
    const socket = net.connect(path);
    const link = new HostLink(socket, events);
    const welcomed = new Promise<void>((resolve, reject) => {
      link.#welcome = (error) => (error === undefined ? resolve() : reject(error));
    });
    socket.on('connect', () => socket.write(frame(HostFrame.HELLO, pack({ versions: HOST_VERSIONS, key }))));
    const timer = setTimeout(() => socket.destroy(), patience);
    try {
      await welcomed;
    } finally {
      clearTimeout(timer);
      link.#welcome = undefined;
    }
    return link;
  }

  /** Throws `too_large`, `host_lost`, `timeout`, and what the host refuses. */
  request<K extends keyof ControlBodies>(type: K, body: ControlBodies[K]): Promise<ControlAnswers[K]> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed)
        return reject(new SkeinError('host_lost', 'The connection to the host was lost.'));
      const n = ++this.#n;
      const asked = frame(HostFrame.REQ, pack({ n, type, body }));
      // The host would close the connection, which others' requests are on.
      if (asked.length > MAX_FRAME) return reject(tooLarge(type, asked.length));
      const timer = setTimeout(() => {
        this.#waiting.delete(n);
        this.#answers = false;
        reject(new SkeinError('timeout', `The host did not answer "${type}".`));
      }, ANSWER_MS);
      this.#waiting.set(n, { resolve: resolve as (value: unknown) => void, reject, timer });
      this.#socket.write(asked);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #frame(type: number, payload: Uint8Array): void {
    this.#answers = true;
    if (type === HostFrame.WELCOME) {
      const { host } = unpack(payload) as { host: { id: string; version: string; pid: number } };
      this.id = host.id;
      this.version = host.version;
      this.pid = host.pid;
      this.#welcome?.();
    } else if (type === HostFrame.ERROR) {
      this.#welcome?.(SkeinError.fromBody(unpack(payload) as ErrorBody));
    } else if (type === HostFrame.EVENT) {
      this.#events.event(unpack(payload) as HostEvent);
    } else if (type === HostFrame.RES) {
      const { n, body, error } = unpack(payload) as { n: number; body?: unknown; error?: ErrorBody };
      const waiting = this.#waiting.get(n);
      if (waiting === undefined) return;
      this.#waiting.delete(n);
      clearTimeout(waiting.timer);
      if (error !== undefined) waiting.reject(SkeinError.fromBody(error));
      else waiting.resolve(body);
    }
  }
}

function tooLarge(type: string, size: number): SkeinError {
  const what =
    type === 'start' ? "The program's arguments and its environment together have" : `"${type}" has`;
  const message = `${what} ${size} bytes, and ${MAX_FRAME} are the most.`;
  return new SkeinError('too_large', message, { size, most: MAX_FRAME });
}
