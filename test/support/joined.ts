/**
 * A session used from another node, for faults: two real nodes and their relays on this machine, every link between them led
 * through a place where it can be made faulty; `skein attach`, and followers of output and events.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeSocket } from '@skein/node/home';
import type { Client } from '@skein/protocol/client/client';
import type { PeerAsks } from '@skein/protocol/peers/asks';
import { Attached } from './attached.ts';
import { Skein } from './cli.ts';
import { CountedOutput } from './counted.ts';
import { FaultyLink } from './faulty-link.ts';
import { byLine, Follower } from './follower.ts';
import { freePort } from './free-port.ts';
import { NodeProcess } from './node-process.ts';
import { until, within } from './processes.ts';
import type { Random } from './random.ts';
import { RelaySite } from './relay-site.ts';
import { countingTypist } from './sessions.ts';
import { connectAway, connectNode } from './transport.ts';

/** Seconds between two numbers. */
const PAUSE = 0.02;
const SHIM = join(import.meta.dirname, 'led.cjs');
const REF = 'alpha:api';

/** Between `skein` and its node; its node and the relay; the relay and the other node; the two nodes without relay. */
export const LINKS = ['cli-node', 'node-relay', 'relay-node', 'direct'] as const;
export type Link = (typeof LINKS)[number];

interface JoinedOptions {
  random: Random;
  relays: number;
  /** Whether the nodes reach each other without a relay. */
  direct: boolean;
}

export class Joined {
  readonly relays: RelaySite[] = [];
  readonly links = new Map<Link, FaultyLink>();
  readonly output = new CountedOutput();
  readonly #options: JoinedOptions;
  /** Whose session it is, and who uses it. */
  readonly #owner = new Skein();
  readonly #user = new Skein();
  #nodes: NodeProcess[] = [];
  #client: Client | undefined;
  #followers: Follower[] = [];
  #offsets: number[] = [];
  attached!: Attached;

  private constructor(options: JoinedOptions) {
    this.#options = options;
  }

  static async start(options: JoinedOptions): Promise<Joined> {
    const joined = new Joined(options);
    try {
      await joined.#start();
      return joined;
    } catch (error) {
      await joined.end();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { random, relays, direct } = this.#options;
    for (let i = 0; i < relays; i++) this.relays.push(await RelaySite.start());
    const [ownPort, userPort] = [await freePort(), await freePort()];
    const open = async (link: Link, port: number) => {
      const made = await FaultyLink.open({ port }, random);
      this.links.set(link, made);
      return made.port;
    };
    const owners: Record<number, number> = { [userPort]: 0 };
    const users: Record<number, number> = { [ownPort]: direct ? await open('direct', ownPort) : 0 };
    // Only the first relay's links can be made faulty.
    const [first] = this.relays;
    if (first !== undefined) {
      owners[first.port] = await open('relay-node', first.port);
      users[first.port] = await open('node-relay', first.port);
    }
    await this.#node(this.#owner, owners);
    await this.#node(this.#user, users);
    const urls = this.relays.flatMap(({ url }) => ['--relay', url]);
    // The links are in this process: it must not stand still meanwhile.
    const [owner, user] = [this.#owner, this.#user];
    await skein(user, ['mesh', '--name', 'beta', '--listen', `127.0.0.1:${userPort}`, ...urls]);
    await skein(owner, ['mesh', '--name', 'alpha', '--listen', `127.0.0.1:${ownPort}`, ...urls]);
    const program = countingTypist(PAUSE, this.#file);
    await skein(owner, ['run', '-d', '-n', 'api', '--size', '80x24', '--', ...program]);
    const words = ['--role', 'operator', '--history', 'all', '--json'];
    const { ticket } = JSON.parse(await skein(owner, ['share', 'api', ...words])) as { ticket: string };
    await skein(user, ['join', '-'], ticket);
    this.#client = await connectNode(this.#owner.home, { retryFor: 60_000 });
    const facade = await this.#facade();
    const env = { SKEIN_HOME: facade };
    this.attached = new Attached(this.#user, REF, env);
    const take = byLine((line) => this.#offsets.push((JSON.parse(line) as { offset: number }).offset));
    this.#followers = [
      new Follower(this.#user, ['output', REF, '--follow'], (bytes) => this.output.take(bytes), env),
      new Follower(this.#user, ['events', REF, '--follow', '--json'], take, env),
    ];
    await this.whole(20_000);
  }

  /** A home whose socket is the link to the user's node. */
  async #facade(): Promise<string> {
    const home = join(this.#user.home, '..', 'f');
    mkdirSync(join(home, 'run'), { recursive: true, mode: 0o700 });
    const to = { path: nodeSocket(this.#user.home) };
    this.links.set('cli-node', await FaultyLink.open(to, this.#options.random, nodeSocket(home)));
    return home;
  }

  async #node({ home }: Skein, leads: Record<number, number>): Promise<void> {
    const file = join(home, '..', 'leads');
    writeFileSync(file, JSON.stringify(leads));
    const env = { NODE_OPTIONS: `--require=${SHIM}`, SKEIN_TEST_LEADS: file };
    this.#nodes.push(await NodeProcess.start(home, { env }));
  }

  get #file(): string {
    return join(this.#owner.home, '..', 'typed');
  }

  /** The number that the program has come to, as its own node sees it. */
  async counted(): Promise<number> {
    const { data } = await this.#asking.ask('screen', { ref: 'api', form: 'text' });
    const last = data.split('\n').findLast((line) => /^\d+$/.test(line.trim()));
    return Number(last ?? -1);
  }

  get #asking(): Client {
    if (this.#client === undefined) throw new Error('not started');
    return this.#client;
  }

  /** A client of the owner's node, and one of the same by way of the user's. */
  get here(): Client {
    return this.#asking;
  }
  away(): Promise<Client> {
    return connectAway(this.#user.home, 'alpha', { retryFor: 60_000 });
  }

  /** How the user's node reaches the owner's, and since when (milliseconds since 1970). */
  async path(): Promise<{ path: string; via?: string; since?: number }> {
    const client = await connectNode(this.#user.home);
    try {
      const all: PeerAsks['nodes']['answer'] = await client.ask('nodes', {});
      return all.find(({ name }) => name === 'alpha') ?? { path: 'none' };
    } finally {
      client.close();
    }
  }

  /** What both nodes say of their relays and of each other, for a message. */
  async state(): Promise<string> {
    const told = [this.#owner, this.#user].map(async ({ home }) => {
      const client = await connectNode(home);
      const [{ relays }, nodes] = await Promise.all([client.ask('mesh', {}), client.ask('nodes', {})]);
      client.close();
      return JSON.stringify({ relays, nodes: nodes.map(({ path, rtt, error }) => ({ path, rtt, error })) });
    });
    return (await Promise.all(told)).join('\n');
  }

  /** Waits until all there was has come: what the terminal shows, the output, the events, what was typed. */
  async whole(ms: number): Promise<void> {
    const due = await this.counted();
    await within(ms, `the terminal shows ${due}`, this.attached.until(due)).catch((error: Error) => {
      return this.state().then((state) => {
        throw new Error(`${error.message}; it shows ${this.attached.last.slice(-300)}\n${state}`);
      });
    });
    await until(`the output up to ${due}`, () => this.output.next > due, ms);
    await until('what was typed', () => this.#arrived.length >= this.attached.typed.length, ms);
    let cursor = 0;
    const { stream } = await this.#stream();
    for await (const page of this.#asking.subscribe({ stream, from: { offset: 0 }, follow: false }))
      cursor = page.first + page.events.length - 1;
    await until('the events', () => this.#offsets.length >= cursor, ms);
  }

  async #stream(): Promise<{ stream: string }> {
    const { id } = await this.#asking.ask('session', { ref: 'api' });
    return { stream: `session/${id}` };
  }

  /** What must not be, so far. */
  problems(): string[] {
    const found = [...this.output.problems];
    if (this.#arrived !== this.attached.typed)
      found.push(`typed ${this.attached.typed}, arrived ${this.#arrived}`);
    if (this.#offsets.some((offset, i) => offset !== i + 1)) found.push(`events came as ${this.#offsets}`);
    for (const follower of this.#followers)
      if (!follower.running || follower.errors !== '') found.push(`a follower ended: ${follower.errors}`);
    if (this.attached.over) found.push(`the attached client ended: ${this.attached.last.slice(-200)}`);
    return found;
  }

  get #arrived(): string {
    return readFileSync(this.#file, 'latin1');
  }

  async end(): Promise<void> {
    await Promise.all([this.attached?.stop(), ...this.#followers.map((follower) => follower.stop())]);
    this.#client?.close();
    for (const link of this.links.values()) await link.close();
    for (const node of this.#nodes) await node.kill();
    this.#owner.destroy();
    this.#user.destroy();
    for (const relay of this.relays) await relay.end();
  }
}

async function skein(who: Skein, args: string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await who.later(args, { input });
  if (status !== 0) throw new Error(`skein ${args.join(' ')}: ${stderr}`);
  return stdout;
}
