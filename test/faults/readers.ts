/** Two hundred readers at once, of a program's output or of the log, some of which can be frozen. */
import { nodeSocket } from '@skein/node/home';
import { Client } from '@skein/protocol/client/client';
import { LogReader } from '../support/follow-log.ts';
import { until } from '../support/processes.ts';
import { type Opened, openSession } from '../support/sessions.ts';
import { unixTransport } from '../support/transport.ts';
import { HostViewer } from '../support/viewer.ts';
import type { Readers } from './f7.ts';

/** Milliseconds between two things to read, how many are measured, and the bytes of a program's line. */
const PACE_MS = 20;
const SAMPLES = 60;
const LINE = 48 * 1024;

/**
 * A program that answers each line of input with a long line that begins with it: each is printed when it is asked for,
 * so that its time is known here.
 */
const ECHO = [
  'perl',
  '-e',
  `$|=1; system "stty -echo -onlcr"; print "ready\\n"; while (<STDIN>) { chomp; print $_ . ("." x ${LINE - 8}) . "\\n" }`,
];

async function paced(times: number, work: (i: number) => void): Promise<void> {
  for (let i = 0; i < times; i++) {
    work(i);
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  }
}

/** What one viewer has had: the lines' numbers in order. */
class Seen {
  readonly numbers: number[] = [];
  #rest = '';

  take(bytes: Uint8Array, each: (number: number) => void): void {
    const text = this.#rest + Buffer.from(bytes).toString('latin1');
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const number = Number.parseInt(line, 10);
      if (Number.isNaN(number)) continue;
      this.numbers.push(number);
      each(number);
    }
  }
}

export class Viewers implements Readers {
  readonly #viewers: HostViewer[] = [];
  readonly #seen: Seen[] = [];
  readonly #at = new Map<number, number>();
  #frozen = 0;
  #took: number[] = [];
  #next = 1;
  #typed = 0;
  #typist: HostViewer | undefined;

  /** All read the raw bytes of one program, which a further one types at. */
  static async open(client: Client, count: number): Promise<Viewers> {
    const readers = new Viewers();
    const session = await openSession(client, ECHO);
    for (let i = 0; i < count; i++) await readers.#attach(client, session, i);
    readers.#typist = await HostViewer.attach(client, session.id, { role: 'write' });
    await until('the program is ready', () => (readers.#typist?.offset ?? 0) > 5);
    return readers;
  }

  async #attach(client: Client, session: Opened, index: number): Promise<void> {
    const seen = new Seen();
    this.#seen.push(seen);
    const bytes = (_: number, data: Uint8Array) =>
      seen.take(data, (number) => {
        const sent = this.#at.get(number);
        if (sent !== undefined && index >= this.#frozen) this.#took.push(performance.now() - sent);
      });
    this.#viewers.push(await HostViewer.attach(client, session.id, { bytes }));
  }

  freeze(count: number): void {
    this.#frozen = count;
    for (const viewer of this.#viewers.slice(0, count)) viewer.freeze();
  }

  thaw(): void {
    this.#frozen = 0;
    this.#at.clear();
    for (const viewer of this.#viewers) viewer.thaw();
  }

  async measure(): Promise<number[]> {
    this.#took = [];
    await paced(SAMPLES, () => {
      const number = this.#next++;
      this.#at.set(number, performance.now());
      this.#typed = this.#typist?.type(this.#typed, `${String(number).padStart(7, '0')}\n`) ?? 0;
    });
    const going = this.#viewers.length - this.#frozen;
    await until('all that are not frozen have it', () => this.#took.length >= SAMPLES * going);
    this.#at.clear();
    return this.#took;
  }

  async settle(): Promise<string[]> {
    const last = this.#next - 1;
    const done = () => this.#seen.every(({ numbers }) => numbers.at(-1) === last);
    await until('the frozen ones have caught up', done, 20_000);
    const problems = this.#seen.flatMap(({ numbers }, i) =>
      numbers.every((number, at) => number === at + 1) ? [] : [`viewer ${i} missed a line or had one twice`],
    );
    for (const viewer of this.#viewers) {
      if (viewer.socket.destroyed) problems.push('a viewer was cut off');
      problems.push(...viewer.broken);
    }
    return problems;
  }

  close(): void {
    for (const viewer of this.#viewers) viewer.close();
    this.#typist?.close();
  }
}

export class Followers implements Readers {
  readonly #owner: Client;
  readonly #session: Opened;
  readonly #home: string;
  readonly #clients: Client[] = [];
  readonly #pauses: (() => void)[] = [];
  readonly #resumes: (() => void)[] = [];
  readonly #names: string[][] = [];
  readonly #at = new Map<string, number>();
  #frozen = 0;
  #took: number[] = [];
  #next = 1;

  private constructor(owner: Client, home: string, session: Opened) {
    this.#owner = owner;
    this.#home = home;
    this.#session = session;
  }

  /** Each has a connection of its own and follows the node's stream, into which renames come. */
  static async open(owner: Client, home: string, count: number): Promise<Followers> {
    const readers = new Followers(owner, home, await openSession(owner, ['sleep', '3600']));
    const head = new LogReader('node');
    await head.catchUp(owner);
    for (let i = 0; i < count; i++) await readers.#follow(i, head.offset);
    return readers;
  }

  async #follow(index: number, offset: number): Promise<void> {
    let pause = () => {};
    let resume = () => {};
    const client = await Client.connect({
      connect: unixTransport(nodeSocket(this.#home), (socket) => {
        pause = () => socket.pause();
        resume = () => socket.resume();
      }),
      name: `follower ${index}`,
      version: '0',
      retryFor: 20_000,
    });
    this.#clients.push(client);
    this.#pauses.push(() => pause());
    this.#resumes.push(() => resume());
    const names: string[] = [];
    this.#names.push(names);
    void this.#read(client, index, offset, names).catch(() => {});
  }

  async #read(client: Client, index: number, offset: number, names: string[]): Promise<void> {
    for await (const page of client.subscribe({ stream: 'node', from: { offset }, follow: true })) {
      for (const { type, body } of page.events) {
        if (type !== 'session.renamed') continue;
        const { name } = body as { name: string };
        names.push(name);
        const sent = this.#at.get(name);
        if (sent !== undefined && index >= this.#frozen) this.#took.push(performance.now() - sent);
      }
    }
  }

  freeze(count: number): void {
    this.#frozen = count;
    for (const pause of this.#pauses.slice(0, count)) pause();
  }

  thaw(): void {
    this.#frozen = 0;
    this.#at.clear();
    for (const resume of this.#resumes) resume();
  }

  async measure(): Promise<number[]> {
    this.#took = [];
    await paced(SAMPLES, () => {
      const name = `f${this.#next++}`;
      this.#at.set(name, performance.now());
      void this.#owner.command('node', 'session.rename', { id: this.#session.id, name });
    });
    const going = this.#clients.length - this.#frozen;
    await until('all that are not frozen have it', () => this.#took.length >= SAMPLES * going);
    this.#at.clear();
    return this.#took;
  }

  async settle(): Promise<string[]> {
    const last = `f${this.#next - 1}`;
    await until(
      'the frozen ones have caught up',
      () => this.#names.every((names) => names.at(-1) === last),
      20_000,
    );
    return this.#names.flatMap((names, i) =>
      names.every((name, at) => name === `f${at + 1}`)
        ? []
        : [`follower ${i} missed an event or had one twice`],
    );
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}
