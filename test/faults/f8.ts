/**
 * F8: everything that was recorded of an owner's visit is sent again: the messages of its channel, by the same device, by a
 * viewer, a member of another session and a stranger, over real tunnels; the bytes of its encrypted connection to the node;
 * and all that passed the relay, to the relay. Each is refused or answered as it was, and nothing changes: neither any
 * stream, nor what the program printed, nor who is registered. `count` is the number of visits. (What each role is let do of
 * everything that can be sent is in member-roles.test.ts.) Rules M1, M2, K2, H3, R1.
 */
import type { Mesh, PeerAddress } from '@skein/node/mesh/api';
import { openIdentity } from '@skein/node/mesh/identity';
import { startMesh } from '@skein/node/mesh/mesh';
import { visitFar } from '@skein/node/peers/far-client';
import type { ClientFrame, NodeFrame } from '@skein/protocol/channel/frames';
import type { Client } from '@skein/protocol/client/client';
import { unpack } from '@skein/protocol/codec';
import { newId } from '@skein/protocol/ids';
import type { Role } from '@skein/protocol/members/roles';
import { playAgain, recordedClient } from '../secrecy/recorded-device.ts';
import { sendAgain, Tape } from '../secrecy/tape.ts';
import { makeTicket, redeem } from '../support/devices.ts';
import { destroyHome, makeHome } from '../support/home.ts';
import { LaneViewer } from '../support/lane-viewer.ts';
import { NodeProcess } from '../support/node-process.ts';
import { until, within } from '../support/processes.ts';
import { RelaySite } from '../support/relay-site.ts';
import { openSession } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';
import { Failures, type Fault } from './fault.ts';

/** Milliseconds for what is sent again to be refused. */
const REFUSE_MS = 12_000;
/** Says when it has begun, what it is told, and each signal. */
const TELLTALE = [
  'perl',
  '-e',
  '$|=1; $SIG{USR1}=sub{print "signal\\n"}; print "begun\\n"; while(1){ my $l=<STDIN>; print "got $l" if defined $l; sleep 1 if !defined $l }',
];

export const f8: Fault = async ({ count, seed, log }) => {
  const failures = new Failures();
  const figures = { messages_again: 0, connections_again: 0 };
  for (let i = 0; i < count; i++) {
    log(`F8: ${i} of ${count}`);
    const site = await Site.open();
    try {
      failures.add(...(await site.visitAndRepeat(figures)));
    } catch (error) {
      failures.add(`visit ${i}: ${(error as Error).stack}`);
    } finally {
      await site.close();
    }
  }
  return { id: 'F8', runs: count, failures: failures.all, seed, figures, skipped: [] };
};

class Site {
  readonly home = makeHome();
  readonly #homes: string[] = [this.home];
  readonly #meshes: Mesh[] = [];
  readonly #tapes: Tape[] = [];
  relay!: RelaySite;
  node!: NodeProcess;
  owner!: Client;

  static async open(): Promise<Site> {
    const site = new Site();
    site.relay = await RelaySite.start();
    site.node = await NodeProcess.start(site.home);
    site.owner = await connectNode(site.home);
    return site;
  }

  async close(): Promise<void> {
    await Promise.all(this.#meshes.map((mesh) => mesh.stop()));
    this.owner.close();
    await this.node.kill();
    await Promise.all(this.#tapes.map((tape) => tape.stop()));
    await this.relay.end();
    for (const home of this.#homes) destroyHome(home);
  }

  async device(): Promise<Mesh> {
    const home = makeHome();
    this.#homes.push(home);
    const options = {
      config: { listen: [], relays: [] },
      log: () => {},
      admit: () => true,
      knows: () => false,
    };
    const mesh = await startMesh({ ...options, identity: openIdentity(home), incoming: () => undefined });
    this.#meshes.push(mesh);
    return mesh;
  }

  async tape(port: number): Promise<Tape> {
    const tape = await Tape.before(port);
    this.#tapes.push(tape);
    return tape;
  }

  async visitAndRepeat(figures: { messages_again: number; connections_again: number }): Promise<string[]> {
    const { owner, relay } = this;
    const relayPort = Number(new URL(relay.url).port);
    const atRelay = await this.tape(relayPort);
    const throughTape = relay.url.replace(/:\d+\//, `:${atRelay.port}/`);
    await owner.command('peers', 'mesh.configure', {
      on: true,
      listen: ['127.0.0.1:0'],
      relays: [throughTape],
    });
    const { id: peer, addrs } = await owner.ask('mesh', { wait: REFUSE_MS });
    const port = Number(/tcp\/(\d+)/.exec(addrs[0] ?? '')?.[1]);
    const atNode = await this.tape(port);
    const direct: PeerAddress = { peer, addrs: [`/ip4/127.0.0.1/tcp/${atNode.port}`], relays: [] };
    const relayed: PeerAddress = { peer, addrs: [], relays: [throughTape] };

    const { id: session } = await openSession(owner, TELLTALE);
    const { id: elsewhere } = await openSession(owner, ['cat']);
    const others = {
      'the same device': await this.device(),
      'a viewer': await this.member(session, 'viewer', direct),
      'a member of another session': await this.member(elsewhere, 'owner', direct),
      'a stranger': await this.device(),
    };
    const victim = await this.member(session, 'operator', direct);
    const sent = await this.#visit(others['the same device'], direct, session, victim.id);
    // Somebody else comes through the relay, so that there is something to repeat there.
    await this.member(elsewhere, 'viewer', relayed);

    const before = await this.#all();
    const problems: string[] = [];
    for (const [who, mesh] of Object.entries(others)) {
      const { answers } = await playAgain(mesh, { ...direct, addrs }, sent);
      figures.messages_again += sent.length;
      problems.push(...judge(who, sent, answers), ...changes(who, before, await this.#all()));
    }
    const registered = await this.#registered(relayPort);
    for (const [tape, to, what] of [
      [atNode, port, 'a connection to the node'],
      [atRelay, relayPort, 'a connection to the relay'],
    ] as const) {
      const again = [...tape.connections].flatMap(({ there, back }) =>
        [there, back].map((one) => Buffer.concat(one)),
      );
      await Promise.all(
        again.filter(({ length }) => length > 0).map((bytes) => sendAgain(to, bytes, REFUSE_MS)),
      );
      figures.connections_again += again.length;
      problems.push(...changes(what, before, await this.#all()));
    }
    if ((await this.#registered(relayPort)) !== registered)
      problems.push('the relay has registered or joined somebody by it');
    return problems;
  }

  async member(session: string, role: Role, to: PeerAddress): Promise<Mesh> {
    const mesh = await this.device();
    const { secret } = await makeTicket(this.owner, session, { role, history: 'all' });
    await visitFar({ mesh, to, version: '0', wait: REFUSE_MS }, (client) =>
      redeem(client, session, secret, role),
    );
    return mesh;
  }

  /** An owner does all that an owner can, once. */
  async #visit(mesh: Mesh, to: PeerAddress, session: string, victim: string): Promise<Uint8Array[]> {
    const sent: Uint8Array[] = [];
    const target = `session/${session}`;
    const { secret } = await makeTicket(this.owner, session, { role: 'owner', history: 'all' });
    const client = await recordedClient(mesh, to, sent);
    await redeem(client, session, secret, 'recorded');
    const ref = { ref: session };
    await Promise.all([client.ask('sessions', {}), client.ask('listing', {}), client.ask('session', ref)]);
    await Promise.all([client.ask('started', ref), client.ask('tickets', ref), client.ask('meeting', ref)]);
    await client.ask('screen', { ...ref, form: 'text' });
    await client.ask('resize', { ...ref, cols: 90, rows: 30 });
    const members = await client.ask('members', ref);
    const member = members.find(({ devices }) => devices.some(({ id }) => id === victim))?.id ?? '';
    const { made } = await makeTicket(client, session, { role: 'viewer' });
    await client.command(target, 'ticket.withdraw', { ticket: made.ticket });
    await makeTicket(client, session, { role: 'operator' });
    await client.command(target, 'member.role', { member, role: 'approver' });
    await client.command('node', 'session.rename', { id: session, name: `r${newId()}` });
    await client.command(target, 'run.signal', { signal: 'SIGUSR1' });
    const viewer = new LaneViewer(client, session, {
      role: 'write',
      hello: { attachment: 'recorded', cols: 90, rows: 30 },
    });
    await within(
      REFUSE_MS,
      'the signal is told',
      viewer.until(() => viewer.text.includes('signal')),
    );
    viewer.type('hello\n');
    await within(
      REFUSE_MS,
      'what was typed is told',
      viewer.until(() => viewer.text.includes('got hello')),
    );
    await client.command(target, 'member.revoke', { member });
    for await (const _ of client.subscribe({ stream: target, from: { offset: 0 }, follow: false }));
    client.close();
    await until(
      'who typed is recorded',
      async () => (await this.#all()).streams[target]?.includes('run.typed') ?? false,
    );
    return sent;
  }

  /** Every stream, and what every program has printed. */
  async #all(): Promise<All> {
    const { owner } = this;
    const sessions = await owner.ask('sessions', {});
    const streams: Record<string, string> = {};
    for (const stream of ['node', 'peers', ...sessions.map(({ id }) => `session/${id}`)]) {
      const events: unknown[] = [];
      for await (const page of owner.subscribe({ stream, from: { offset: 0 }, follow: false }))
        events.push(...page.events);
      streams[stream] = JSON.stringify(events);
    }
    const screens: Record<string, string> = {};
    for (const { id } of sessions)
      screens[id] = JSON.stringify(await owner.ask('screen', { ref: id, form: 'text', history: 1_000 }));
    return { streams, screens };
  }

  /** What the relay has let in and joined so far. */
  async #registered(port: number): Promise<string> {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const wanted = /^skein_relay_(dials_total\{outcome="joined"|registrations_total\{outcome="registered")/;
    const told = metrics.split('\n').filter((line) => wanted.test(line));
    if (told.length < 2) throw new Error(`the relay's metrics tell too little: ${told.join('; ')}`);
    return told.join('; ');
  }
}

interface All {
  streams: Record<string, string>;
  screens: Record<string, string>;
}

function changes(who: string, before: All, after: All): string[] {
  return (['streams', 'screens'] as const).flatMap((kind) =>
    Object.keys({ ...before[kind], ...after[kind] })
      .filter((name) => before[kind][name] !== after[kind][name])
      .map((name) => `sent again by ${who}, it changed ${name}: ${(after[kind][name] ?? '').slice(-400)}`),
  );
}

/** Only the device itself is answered as it was; to others each command is refused, and so is a terminal to type into. */
function judge(who: string, sent: readonly Uint8Array[], answers: readonly NodeFrame[]): string[] {
  const commands = sent.map((message) => unpack(message) as ClientFrame).filter((frame) => frame.t === 'cmd');
  const replies = answers.filter((frame) => frame.t === 'reply');
  const done = replies.filter(({ error }) => error === undefined).map(({ id }) => id.seq);
  const types = commands.filter(({ id }) => done.includes(id.seq)).map(({ type }) => type);
  if (who === 'the same device') {
    const missing = commands.filter(({ type }) => !types.includes(type)).map(({ type }) => type);
    return missing.map((type) => `its own ${type}, sent again, was not answered as before`);
  }
  // Whoever is a member is told so again, by any ticket.
  const wrong = types.filter((type) => !(who === 'a viewer' && type === 'ticket.redeem'));
  return wrong.map((type) => `${who} was let do ${type}`);
}
