/**
 * A unix socket straight on the handle that node:net is made of. Loading net and its streams takes 3 ms, a fifth of all
 * that `skein ls` may take. The handle is no public interface: where it is missing, node:net is
 * taken. A test holds that this Node has it.
 */
import { getSystemErrorName } from 'node:util';
import type { ByteEvents, ByteStream } from './byte-stream.ts';

/** What is used of the handle. */
interface Pipe {
  onread: (bytes: ArrayBuffer | undefined) => void;
  readonly writeQueueSize: number;
  connect(request: object, path: string): number | undefined;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: object, bytes: Uint8Array): number;
  close(done: () => void): void;
}

interface PipeBinding {
  Pipe: new (type: number) => Pipe;
  PipeConnectWrap: new () => { oncomplete: (status: number) => void };
  constants: { SOCKET: number };
}

interface StreamBinding {
  WriteWrap: new () => { oncomplete: (status: number) => void; bytes: Uint8Array };
  streamBaseState: Int32Array;
  kReadBytesOrError: number;
  kArrayBufferOffset: number;
}

type Binding = { pipe: PipeBinding; stream: StreamBinding };

/** Opens a stream so; undefined where this Node gives no such handle. */
export function openQuickStream(path: string, events: ByteEvents): ByteStream | undefined {
  const binding = bindingOf(process);
  return binding === undefined ? undefined : new QuickStream(binding, path, events);
}

function bindingOf(host: object): Binding | undefined {
  const { binding } = host as { binding?: (name: string) => unknown };
  try {
    const pipe = binding?.('pipe_wrap') as Partial<PipeBinding> | undefined;
    const stream = binding?.('stream_wrap') as Partial<StreamBinding> | undefined;
    const whole =
      pipe?.Pipe !== undefined &&
      pipe.PipeConnectWrap !== undefined &&
      pipe.constants !== undefined &&
      stream?.WriteWrap !== undefined &&
      stream.streamBaseState !== undefined &&
      stream.kReadBytesOrError !== undefined &&
      stream.kArrayBufferOffset !== undefined;
    return whole ? { pipe: pipe as PipeBinding, stream: stream as StreamBinding } : undefined;
  } catch {
    return undefined;
  }
}

class QuickStream implements ByteStream {
  readonly #handle: Pipe;
  readonly #binding: StreamBinding;
  readonly #events: ByteEvents;
  #closed = false;
  #ending = false;
  #writes = 0;

  constructor({ pipe, stream }: Binding, path: string, events: ByteEvents) {
    this.#binding = stream;
    this.#events = events;
    this.#handle = new pipe.Pipe(pipe.constants.SOCKET);
    this.#handle.onread = (bytes) => this.#read(bytes);
    const request = new pipe.PipeConnectWrap();
    request.oncomplete = (status) => this.#connected(status, path);
    const status = this.#handle.connect(request, path) ?? 0;
    if (status !== 0) queueMicrotask(() => this.#connected(status, path));
  }

  get pending(): number {
    return this.#handle.writeQueueSize;
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#ending) return;
    const request = new this.#binding.WriteWrap();
    // The system may take it later: until then it must not be collected.
    request.bytes = bytes;
    request.oncomplete = (status) => this.#written(status);
    this.#writes++;
    const status = this.#handle.writeBuffer(request, bytes);
    if (status !== 0) this.#failed(status, 'write');
    // What was taken at once is not told of.
    else if (this.#handle.writeQueueSize === 0) this.#writes = 0;
  }

  pause(): void {
    if (!this.#closed) this.#handle.readStop();
  }

  resume(): void {
    if (!this.#closed) this.#handle.readStart();
  }

  end(): void {
    this.#ending = true;
    if (this.#writes === 0) this.destroy();
  }

  destroy(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handle.close(() => this.#events.closed(error));
  }

  #connected(status: number, path: string): void {
    if (status !== 0) return this.#failed(status, 'connect', path);
    this.#handle.readStart();
    this.#events.opened();
  }

  #read(bytes: ArrayBuffer | undefined): void {
    const { streamBaseState, kReadBytesOrError, kArrayBufferOffset } = this.#binding;
    const count = streamBaseState[kReadBytesOrError] ?? 0;
    if (count > 0 && bytes !== undefined)
      this.#events.data(new Uint8Array(bytes, streamBaseState[kArrayBufferOffset], count));
    else if (count < 0) this.destroy(nameOf(count) === 'EOF' ? undefined : failure(count, 'read'));
  }

  #written(status: number): void {
    this.#writes = Math.max(0, this.#writes - 1);
    if (status !== 0) this.#failed(status, 'write');
    else if (this.#ending && this.#writes === 0) this.destroy();
  }

  #failed(status: number, call: string, path = ''): void {
    this.destroy(failure(status, call, path));
  }
}

function nameOf(status: number): string {
  return getSystemErrorName(status);
}

function failure(status: number, call: string, path = ''): NodeJS.ErrnoException {
  const code = nameOf(status);
  return Object.assign(new Error(`${call} ${code} ${path}`.trimEnd()), { code });
}
