/** Devices under test: each with a key of its own, speaking with a node over a pipe within the process. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { memoryConnector } from '@skein/node/gateway/memory-pipe.fixture';
import { type RunningNode, startNode } from '@skein/node/node';
import { Client } from '@skein/protocol/client/client';
import type { ClientOptions } from '@skein/protocol/client/options';
import { newId } from '@skein/protocol/ids';
import type { Role } from '@skein/protocol/members/roles';
import { hashSecret, hex } from '@skein/protocol/members/ticket';
import { peerIdOf } from '@skein/protocol/relay/peer-id';
import type { MemberReplies } from '@skein/protocol/sessions/commands';
import { destroyHome, hostsOf, makeHome } from './home.ts';
import { DIST } from './node-process.ts';
import { lives, until } from './processes.ts';
import { connectNode } from './transport.ts';

/** The PeerId of a new key. */
export function newDevice(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  return peerIdOf(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32));
}

interface DeviceClient {
  device: string;
  client: Client;
  cut(): void;
}

/** A node in this process, its machine's user, and whoever else comes. */
export class SharedNode {
  readonly home: string;
  readonly node: RunningNode;
  readonly owner: Client;
  readonly #clients: Client[] = [];

  private constructor(home: string, node: RunningNode, owner: Client) {
    this.home = home;
    this.node = node;
    this.owner = owner;
  }

  static async start(): Promise<SharedNode> {
    const home = makeHome();
    const node = await startNode({ home, version: '0.0.0', bundle: join(DIST) });
    return new SharedNode(home, node, await connectNode(home));
  }

  async connect(device = newDevice(), options: Partial<ClientOptions> = {}): Promise<DeviceClient> {
    const { connect, cut } = memoryConnector((pipe) => this.node.accept(device, pipe));
    const client = await Client.connect({ connect, name: 'test', version: '0', ...options });
    this.#clients.push(client);
    return { device, client, cut };
  }

  /** A session with a program, running. */
  async session(argv: string[] = ['cat']): Promise<string> {
    const ids = { id: newId(), run: newId() };
    const { handle } = await this.owner.ask('env', { vars: { PATH: process.env.PATH ?? '', TERM: 'xterm' } });
    const wish = { ...ids, argv, cwd: '/tmp', cols: 80, rows: 24, env: handle };
    await this.owner.command('node', 'session.create', wish);
    await this.owner.ask('started', { ref: ids.id });
    return ids.id;
  }

  /** A device that has joined a session, by a ticket that the machine's user made. */
  async join(
    session: string,
    role: Role,
    ticket: Partial<TicketWish> = {},
    device?: string,
  ): Promise<DeviceClient & { joined: MemberReplies['ticket.redeem'] }> {
    const { secret } = await makeTicket(this.owner, session, { role, ...ticket });
    const one = await this.connect(device, { retryFor: 10_000 });
    return { ...one, joined: await redeem(one.client, session, secret, role) };
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    const hosts = hostsOf(this.home);
    await this.owner.ask('stop', { kill: true });
    await this.node.ended;
    this.owner.close();
    // They write down how their programs ended, and would write it into a home that is gone.
    await until('the hosts have ended', () => !hosts.some(lives));
    destroyHome(this.home);
  }
}

interface TicketWish {
  role: Role;
  lifetime: number;
  uses: number;
  history: 'all' | 'from-join';
  member: string;
}

/** Makes a ticket as somebody; its secret is 32 hexadecimal digits, and never leaves this process. */
export async function makeTicket(
  client: Client,
  session: string,
  wish: Partial<TicketWish> & { role: Role },
): Promise<{ secret: string; made: MemberReplies['ticket.make'] }> {
  const secret = randomBytes(16);
  const body = { lifetime: 60_000, uses: 1, history: 'from-join' as const, ...wish };
  const made = await client.command(`session/${session}`, 'ticket.make', {
    ticket: newId(),
    hash: await hashSecret(secret),
    ...body,
  });
  return { secret: hex(secret), made: made as MemberReplies['ticket.make'] };
}

export async function redeem(
  client: Client,
  session: string,
  secret: string,
  name = 'somebody',
): Promise<MemberReplies['ticket.redeem']> {
  const body = { secret, name, deviceName: `${name}'s laptop` };
  return (await client.command(
    `session/${session}`,
    'ticket.redeem',
    body,
  )) as MemberReplies['ticket.redeem'];
}
