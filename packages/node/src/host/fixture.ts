/** For tests: a real host in a directory of its own, its control connection, and viewers that wait for what they see. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pack, unpack } from '@skein/protocol/codec';
import type { ErrorBody } from '@skein/protocol/errors';
import {
  type ExitFrame,
  FrameReader,
  frame,
  HOST_VERSIONS,
  HostFrame,
  offsetFrame,
  readOffset,
  type ScreenFrame,
  type ViewerWelcome,
} from '@skein/protocol/host/frames';
import { newId } from '@skein/protocol/ids';
import { LANE_WINDOW } from '@skein/protocol/limits';
import { HostLink } from '../hosts/link.ts';
import type { HostEvent } from './control.ts';
import { Host } from './host.ts';
import { hashOf } from './rights.ts';

/** Bytes of input under way at once, and in one frame. */
const FEED_WINDOW = 256 * 1024;
const PIECE = 64 * 1024;

const KEY = 'the key of a host under test';

interface StartOptions {
  cols?: number;
  rows?: number;
  env?: Record<string, string>;
  journalBytes?: number;
}

export class TestHost {
  readonly home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-host-'));
  readonly socket = path.join(this.home, 'h.sock');
  readonly events: HostEvent[] = [];
  /** The host would end now. */
  done: (() => void) | undefined;
  #control: HostLink | undefined;
  #server: net.Server | undefined;
  #waiting: (() => void)[] = [];
  readonly #viewers: TestViewer[] = [];

  static async start(emulator: { source?: string; lookEvery?: number } = {}): Promise<TestHost> {
    const test = new TestHost();
    const keyHash = createHash('sha256').update(KEY).digest('hex');
    const host = new Host({
      id: 'test',
      home: test.home,
      version: '1.2.3',
      keyHash,
      emulator,
      done: () => test.done?.(),
    });
    test.#server = net.createServer((socket) => host.accept(socket));
    await new Promise<void>((resolve) => test.#server?.listen(test.socket, resolve));
    test.#control = await HostLink.open(test.socket, KEY, {
      event: (event) => {
        test.events.push(event);
        for (const wake of test.#waiting.splice(0)) wake();
      },
      closed: () => {},
    });
    return test;
  }

  get control(): HostLink {
    if (this.#control === undefined) throw new Error('The host is not started.');
    return this.#control;
  }

  /** Starts a program and returns its run. */
  async run(
    argv: string[],
    { cols = 80, rows = 24, env = {}, journalBytes }: StartOptions = {},
  ): Promise<string> {
    const run = newId();
    const vars = { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', PS1: '$ ', ...env };
    const body = { run, argv, cwd: this.home, env: vars, cols, rows };
    await this.control.request('start', journalBytes === undefined ? body : { ...body, journalBytes });
    return run;
  }

  /** Starts a program on pipes and returns its run. */
  async pipe(argv: string[], { env = {}, journalBytes }: StartOptions = {}): Promise<string> {
    const run = newId();
    const vars = { PATH: process.env.PATH ?? '', ...env };
    const body = { run, kind: 'pipe' as const, argv, cwd: this.home, env: vars };
    await this.control.request('start', journalBytes === undefined ? body : { ...body, journalBytes });
    return run;
  }

  /** A viewer as an agent's driver is one. */
  drive(run: string, from = 0): Promise<TestViewer> {
    return this.view(run, { view: 'bytes', from, attachment: 'driver', window: LANE_WINDOW });
  }

  async token(run: string, role: 'read' | 'write' = 'write'): Promise<string> {
    const token = newId() + newId();
    await this.control.request('right', { hash: hashOf(token), run, role });
    return token;
  }

  async view(
    run: string,
    hello: Record<string, unknown> = {},
    role: 'read' | 'write' = 'write',
  ): Promise<TestViewer> {
    const viewer = new TestViewer(this.socket, {
      cols: 80,
      rows: 24,
      ...hello,
      token: await this.token(run, role),
    });
    this.#viewers.push(viewer);
    await viewer.until(() => viewer.welcome !== undefined || viewer.error !== undefined);
    return viewer;
  }

  async exited(run: string): Promise<Extract<HostEvent, { type: 'exited' }>> {
    for (;;) {
      const event = this.events.find((e) => e.type === 'exited' && e.run === run);
      if (event?.type === 'exited') return event;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async stop(): Promise<void> {
    for (const viewer of this.#viewers) viewer.close();
    // Left alone, it has nothing to end.
    const { runs } = await this.control.request('list', {}).catch(() => ({ runs: [] }));
    await this.control.request('shutdown', {}).catch(() => {});
    for (const { run } of runs) await this.exited(run);
    this.control.close();
    await new Promise((resolve) => this.#server?.close(resolve));
    fs.rmSync(this.home, { recursive: true, force: true });
  }
}

/** What a test waits for as it happens. */
export class Watched {
  readonly #wake = new Set<() => void>();

  /** Resolves once what is seen is as wanted; the test's own limit is the only time-out. */
  async until(wanted: () => boolean): Promise<void> {
    while (!wanted()) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#wake.delete(wake);
          resolve();
        };
        this.#wake.add(wake);
      });
    }
  }

  /** After something was seen. */
  protected woken(): void {
    for (const wake of [...this.#wake]) wake();
  }
}

export class TestViewer extends Watched {
  readonly #socket: net.Socket;
  /** When false, nothing is reported as consumed, like a reader that is stuck. */
  consume = true;
  welcome: ViewerWelcome | undefined;
  error: ErrorBody | undefined;
  exit: ExitFrame | undefined;
  closed = false;
  accepted = 0;
  screens: (ScreenFrame & { text: string })[] = [];
  gaps: { from: number; to: number }[] = [];
  frames = 0;
  /** How often it was told that the keys that leave were typed. */
  leaves = 0;
  /** Whether output is kept here, and what is called with it. */
  collect = true;
  heard: ((offset: number, bytes: Uint8Array) => void) | undefined;
  /** Output received, and the offset of its first byte. */
  output = '';
  first: number | undefined;
  next = 0;
  /** Bytes that arrived where others were expected. */
  misplaced = 0;

  constructor(socketPath: string, hello: Record<string, unknown>) {
    super();
    this.#socket = net.connect(socketPath);
    const reader = new FrameReader();
    this.#socket.on('data', (chunk: Uint8Array) => {
      reader.push(chunk, (type, payload) => this.#frame(type, payload));
      this.woken();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.closed = true;
      this.woken();
    });
    this.send(frame(HostFrame.HELLO, pack({ versions: HOST_VERSIONS, ...hello })));
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  type(text: string, offset: number): void {
    this.input(Buffer.from(text), offset);
  }

  input(bytes: Uint8Array, offset: number): void {
    this.send(offsetFrame(HostFrame.INPUT, offset, bytes));
  }

  resize(cols: number, rows: number): void {
    this.send(frame(HostFrame.RESIZE, pack({ cols, rows })));
  }

  consumed(offset: number): void {
    this.send(offsetFrame(HostFrame.CONSUMED, offset));
  }

  kept(offset: number): void {
    this.send(offsetFrame(HostFrame.KEPT, offset));
  }

  endInput(offset: number): void {
    this.send(offsetFrame(HostFrame.END_INPUT, offset));
  }

  /** Sends all of an input from `from` on, a window beyond what is accepted, as an agent's driver does. */
  async feed(input: Uint8Array, from = 0): Promise<void> {
    for (let sent = from; this.accepted < input.length && !this.closed; ) {
      const before = this.accepted;
      const most = Math.min(input.length, before + FEED_WINDOW);
      for (; sent < most; sent = Math.min(sent + PIECE, most))
        this.input(input.subarray(sent, Math.min(sent + PIECE, most)), sent);
      await this.until(() => this.accepted > before || this.closed);
    }
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Whether it was ever shown this text: as output, or in a screen that was painted after the program printed it. */
  shows(text: string): boolean {
    return this.output.includes(text) || this.screens.some((screen) => screen.text.includes(text));
  }

  #frame(type: number, payload: Uint8Array): void {
    if (type === HostFrame.DATA || type === HostFrame.FRAME) {
      const read = readOffset(payload);
      if (read === undefined) throw new Error('A frame without its offset.');
      if (type === HostFrame.DATA) this.#data(read.offset, read.bytes);
      else this.frames++;
      if (type === HostFrame.FRAME) this.output += Buffer.from(read.bytes).toString();
      if (this.consume) this.consumed(read.offset + (type === HostFrame.DATA ? read.bytes.length : 0));
      return;
    }
    if (type === HostFrame.ACCEPTED) {
      this.accepted = readOffset(payload)?.offset ?? 0;
      return;
    }
    if (type === HostFrame.LEAVE) return void this.leaves++;
    const value = unpack(payload);
    if (type === HostFrame.WELCOME) this.welcome = value as ViewerWelcome;
    else if (type === HostFrame.ERROR) this.error = value as ErrorBody;
    else if (type === HostFrame.EXIT) this.exit = value as ExitFrame;
    else if (type === HostFrame.GAP) this.gaps.push(value as { from: number; to: number });
    else if (type === HostFrame.SCREEN) {
      const screen = value as ScreenFrame;
      this.screens.push({ ...screen, text: Buffer.from(screen.data).toString() });
      this.next = screen.offset;
    }
  }

  #data(offset: number, bytes: Uint8Array): void {
    this.first ??= offset;
    if (offset !== this.next && this.first !== offset) this.misplaced++;
    this.next = offset + bytes.length;
    this.heard?.(offset, bytes);
    if (this.collect) this.output += Buffer.from(bytes).toString('latin1');
  }
}
