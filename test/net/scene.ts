/**
 * Two machines that cannot reach each other, a relay that both reach, and a session of the one in use on the other: a program
 * that counts and writes down what is typed, a terminal attached to it, and followers of its output and its events.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { Skein } from '../support/cli.ts';
import { CountedOutput } from '../support/counted.ts';
import { byLine, Follower } from '../support/follower.ts';
import { type Machine, Machines } from '../support/machines.ts';
import { kill, until } from '../support/processes.ts';
import { RelaySite } from '../support/relay-site.ts';
import { countingTypist } from '../support/sessions.ts';
import { Tmux } from '../support/tmux.ts';

/** Seconds between two numbers. */
const PAUSE = 0.02;
const PORT = 7001;
/** Where the attached terminal and its session are seen. */
const TERMINAL = 'bob';
const ROWS = 24;

export interface Seen {
  path: 'direct' | 'relayed' | 'none';
  via?: string;
}

export class Scene {
  readonly machines = new Machines();
  readonly tmux = new Tmux();
  readonly output = new CountedOutput();
  readonly events: (StoredEvent & { offset: number })[] = [];
  alice: Skein;
  bob: Skein;
  relay: RelaySite;
  /** How bob names the session. */
  readonly ref = 'alpha:api';
  member = '';
  #followers: Follower[] = [];
  #typed = '';
  #words = 0;

  private constructor(alice: Skein, bob: Skein, relay: RelaySite, machines: Machines) {
    this.machines = machines;
    this.alice = alice;
    this.bob = bob;
    this.relay = relay;
  }

  static async start(): Promise<Scene> {
    const machines = new Machines();
    const [a, b, r]: Machine[] = ['alice', 'bob', 'relay'].map((name) => machines.add(name));
    if (a === undefined || b === undefined || r === undefined) throw new Error('no machines');
    machines.between('alice', 'bob', 'unreachable');
    const relay = await RelaySite.start(r.address, r.under);
    const scene = new Scene(new Skein(a.under), new Skein(b.under), relay, machines);
    scene.alice.run('mesh', '--listen', `0.0.0.0:${PORT}`, '--name', 'alpha', '--relay', relay.url);
    scene.bob.run('mesh', '--listen', `0.0.0.0:${PORT}`, '--name', 'beta');
    scene.alice.run(
      'run',
      '-d',
      '--name',
      'api',
      '--size',
      `80x${ROWS}`,
      '--',
      ...countingTypist(PAUSE, scene.#file),
    );
    return scene;
  }

  get #file(): string {
    return join(this.alice.home, '..', 'typed');
  }

  /** Bob joins by a ticket, which he reads from his stdin. */
  join(role: string): { ref: string; role: string; member: string } {
    const { ticket } = this.alice.json<{ ticket: string }>(
      'share',
      'api',
      '--role',
      role,
      '--history',
      'all',
    );
    const { status, stdout, stderr } = this.bob.try(['join', '-', '--json'], { input: ticket });
    if (status !== 0) throw new Error(stderr);
    const joined = JSON.parse(stdout) as { ref: string; role: string; member: string };
    this.member = joined.member;
    return joined;
  }

  /** Bob attaches in a terminal, and follows what happens besides. */
  async attach(): Promise<void> {
    this.tmux.open(TERMINAL, `${this.bob.command} attach ${this.ref}`, 80, ROWS);
    await this.shown();
    this.#followers = [
      new Follower(this.bob, ['output', this.ref, '--follow'], (bytes) => this.output.take(bytes)),
      new Follower(
        this.bob,
        ['events', this.ref, '--follow', '--json'],
        byLine((line) => this.events.push(JSON.parse(line))),
      ),
    ];
    await until('the output is followed', () => this.output.next > 10);
  }

  get screen(): string {
    return this.tmux.text(TERMINAL);
  }

  /** Bob types a word, whatever the state of the connection. */
  type(): void {
    const word = `w${++this.#words} `;
    this.#typed += word;
    this.tmux.type(TERMINAL, word);
  }

  /** Until the terminal shows something. */
  sees(what: string, wanted: (text: string) => boolean, ms: number): Promise<string> {
    return this.tmux.until(TERMINAL, what, wanted, ms);
  }

  /** Until bob's terminal shows what the program prints now: so many milliseconds at most. */
  async shown(ms = 15_000): Promise<void> {
    const due = this.counted;
    await this.sees(`a number from ${due} on`, (text) => (lastNumber(text) ?? -1) >= due, ms);
  }

  /** The number that the program has come to, as alice sees it. */
  get counted(): number {
    const text = this.alice.run('screen', 'api', '--text');
    return lastNumber(text) ?? 0;
  }

  /** Everything so far has come, once and in order: numbers, events, keys; the terminal shows a stretch without a hole. */
  async whole(ms = 15_000): Promise<void> {
    const due = this.counted;
    await until(`bob has the output up to ${due}`, () => this.output.next > due, ms);
    await until('what was typed has arrived', () => this.arrived.length >= this.#typed.length, ms);
    if (this.arrived !== this.#typed) throw new Error(`typed: ${this.#typed}\narrived: ${this.arrived}`);
    await this.shown(ms);
    const problems = [...this.output.problems, ...holesIn(this.screen), ...this.#followers.flatMap(told)];
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const theirs = this.alice.json<{ offset: number }[]>('events', 'api');
    await until('the events have come', () => this.events.length >= theirs.length, ms);
    const gap = this.events.findIndex(({ offset }, i) => offset !== i + 1);
    if (gap >= 0) throw new Error(`event ${this.events[gap]?.offset} came where ${gap + 1} was due`);
  }

  get arrived(): string {
    return readFileSync(this.#file, 'latin1');
  }

  /** How bob's node reaches alice's. */
  get path(): Seen {
    const [seen] = this.bob.json<Seen[]>('nodes');
    return seen ?? { path: 'none' };
  }

  async pathIs(path: Seen['path'], ms: number): Promise<void> {
    await until(`the path is ${path}`, () => this.path.path === path, ms);
  }

  pidOf(skein: Skein): number {
    return skein.json<{ pid: number }>('status').pid;
  }

  /** Kills a node, and starts it again where it was. */
  restart(skein: Skein): void {
    kill(this.pidOf(skein));
    skein.run('up');
  }

  async end(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
    this.tmux.stop();
    this.alice.destroy();
    this.bob.destroy();
    await this.relay.end();
    this.machines.end();
  }
}

function told(follower: Follower): string[] {
  const ended = follower.running ? [] : ['a follower has ended'];
  return follower.errors === '' ? ended : [...ended, follower.errors];
}

function numbersIn(text: string): number[] {
  return text.split('\n').flatMap((line) => (/^\d+$/.test(line) ? [Number(line)] : []));
}

function lastNumber(text: string): number | undefined {
  return numbersIn(text).at(-1);
}

/** A screen of the counting program shows consecutive numbers, and nothing else. */
function holesIn(text: string): string[] {
  const numbers = numbersIn(text);
  const holes = numbers.filter((number, i) => i > 0 && number !== (numbers[i - 1] ?? 0) + 1);
  const others = text.split('\n').filter((line) => !/^\d*$/.test(line));
  return holes.length + others.length === 0 ? [] : [`the terminal shows something else:\n${text}`];
}
