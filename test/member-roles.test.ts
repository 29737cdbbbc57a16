/** Every role against everything that can be sent, as the one table says, on a real node with a real program (rule M2, fault F8). */
import type { ClientFrame, NodeFrame } from '@skein/protocol/channel/frames';
import type { Client } from '@skein/protocol/client/client';
import type { Lane } from '@skein/protocol/client/lane';
import { SkeinError } from '@skein/protocol/errors';
import { HOST_VERSIONS } from '@skein/protocol/host/frames';
import { newId } from '@skein/protocol/ids';
import {
  ASK_NEEDS,
  allows,
  COMMAND_NEEDS,
  FRAME_NEEDS,
  type Need,
  ROLES,
  type Role,
  TERMINAL_NEEDS,
} from '@skein/protocol/members/roles';
import type { Asks } from '@skein/protocol/sessions/asks';
import type { Commands } from '@skein/protocol/sessions/commands';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newDevice, SharedNode } from './support/devices.ts';

let node: SharedNode;
beforeAll(async () => {
  node = await SharedNode.start();
});
afterAll(() => node.stop());

/** Somebody who sends, and whom a message may be about. */
interface Scene {
  session: string;
  caller: Client;
  role: Role | undefined;
  /** The caller's own membership, and somebody else's. */
  own: string;
  victim: string;
  /** A ticket of the caller's making (a viewer makes one for a further device), and one of the owner's. */
  ownTicket: string;
  victimTicket: string;
}

const HASH = 'ab'.repeat(32);
const size = { cols: 80, rows: 24 };
const parts = [{ type: 'text' as const, text: 'hello' }];

/** A body for each ask, whole enough that only the caller's role can refuse it. */
const askBodies: { [K in keyof Asks]: (scene: Scene) => Asks[K]['body'] } = {
  status: () => ({}),
  sessions: () => ({}),
  sessionPage: () => ({ after: null }),
  bygone: () => ({ before: 0, forgotten: true, after: null }),
  listing: () => ({}),
  table: () => ({ running: false, colours: false }),
  session: ({ session }) => ({ ref: session }),
  started: ({ session }) => ({ ref: session }),
  ended: ({ session }) => ({ ref: session, timeout: 0 }),
  right: ({ session }) => ({ ref: session, role: 'read' }),
  screen: ({ session }) => ({ ref: session, form: 'text' }),
  resize: ({ session }) => ({ ref: session, ...size }),
  agents: () => ({ path: '' }),
  workspaces: () => ({}),
  workspace: () => ({ workspace: newId() }),
  prepared: () => ({ workspace: newId(), timeout: 0 }),
  claims: () => ({ workspace: newId() }),
  awaited: () => ({ workspace: newId(), claim: newId(), wait: 0 }),
  changes: () => ({ workspace: newId(), stat: true }),
  committing: () => ({ root: '/', paths: ['a'] }),
  upload: ({ session }) => ({ ref: session, bytes: new Uint8Array(1) }),
  approvals: ({ session }) => ({ ref: session }),
  env: () => ({ vars: {} }),
  stop: () => ({ kill: true }),
  members: ({ session }) => ({ ref: session }),
  tickets: ({ session }) => ({ ref: session }),
  mesh: () => ({}),
  nodes: () => ({}),
  admission: () => ({ relay: 'ws://127.0.0.1:1' }),
  join: () => ({ ticket: 'none' }),
  away: () => ({}),
  meeting: ({ session }) => ({ ref: session }),
  tasks: ({ session }) => ({ ref: session }),
  task: ({ session }) => ({ ref: session, task: '1' }),
  question: ({ session }) => ({ ref: session, question: '1' }),
  inbox: () => ({}),
  grants: () => ({}),
  locator: () => ({}),
  renew: ({ session }) => ({ ref: session, epoch: 1 }),
  tool: () => ({ call: 'aaaaaaaa', name: 'list', input: {} }),
  load: () => ({}),
  handing: () => ({ workspace: newId(), commits: [] }),
  hand: () => ({ workspace: newId(), bundle: HASH, size: 1, offset: 0, bytes: new Uint8Array() }),
  handed: () => ({ workspace: newId(), bundle: HASH, tip: 'ab'.repeat(20) }),
  tree: ({ session }) => ({ ref: session, has: [] }),
  treePart: ({ session }) => ({ ref: session, bundle: HASH, offset: 0 }),
  treeKept: ({ session }) => ({ ref: session, tip: 'ab'.repeat(20) }),
  treeCommit: ({ session }) => ({ ref: session, tip: 'ab'.repeat(20), to: 'ab'.repeat(20) }),
};

type Target = 'node' | 'peers' | 'session' | 'workspace';
type Sample<K extends keyof Commands> = { to: Target; body: (scene: Scene, own: boolean) => Commands[K] };

const commandBodies: { [K in keyof Commands]: Sample<K> } = {
  'session.create': {
    to: 'node',
    body: () => ({ id: newId(), run: newId(), argv: ['true'], cwd: '/', ...size }),
  },
  'session.open': {
    to: 'node',
    body: () => ({ id: newId(), cwd: '/', agent: { agent: newId(), run: newId(), definition: 'none' } }),
  },
  'session.rename': { to: 'node', body: ({ session }) => ({ id: session, name: `n${newId()}` }) },
  'session.remove': { to: 'node', body: ({ session }) => ({ id: session, purge: false }) },
  'workspace.create': {
    to: 'node',
    body: () => ({ id: newId(), source: { kind: 'scratch' }, strict: false, keep: 'always' }),
  },
  'workspace.remove': { to: 'workspace', body: () => ({ force: false }) },
  'claim.take': { to: 'workspace', body: () => ({ claim: newId(), globs: ['a'], wait: false }) },
  'claim.release': { to: 'workspace', body: () => ({}) },
  'claim.renew': { to: 'workspace', body: () => ({ claim: newId() }) },
  'landing.begin': { to: 'workspace', body: () => ({ landing: newId(), from: newId(), how: 'rebase' }) },
  'landing.undo': { to: 'workspace', body: () => ({ landing: newId() }) },
  'landing.cancel': { to: 'workspace', body: () => ({ landing: newId() }) },
  'mesh.configure': { to: 'peers', body: () => ({}) },
  'peer.rename': { to: 'peers', body: () => ({ peer: newDevice(), name: 'n' }) },
  'peer.forget': { to: 'peers', body: () => ({ peer: newDevice() }) },
  'peer.block': { to: 'peers', body: () => ({ peer: newDevice(), blocked: true }) },
  'grant.give': {
    to: 'peers',
    body: () => ({
      ...{ grant: newId(), peer: newDevice(), agents: ['*'], dirs: [], max: 1 },
      ...{ term: 60_000, away: 'stop', claims: 'hold' },
    }),
  },
  'grant.revoke': { to: 'peers', body: () => ({ grant: newId() }) },
  'peer.add': { to: 'peers', body: () => ({ peer: newDevice(), addrs: [], relays: [] }) },
  'hosted.place': {
    to: 'node',
    body: ({ session }) => ({
      ...{ id: newId(), node: 'n', session, name: 's', agent: newId(), run: newId(), taker: newId() },
      ...{ definition: 'none', called: 'none', place: { scratch: true } },
    }),
  },
  'task.add': {
    to: 'session',
    body: () => ({ task: newId(), text: 't', needs: [], anyway: false, retries: 0 }),
  },
  'task.cancel': { to: 'session', body: () => ({ task: newId() }) },
  'task.retry': { to: 'session', body: () => ({ task: newId() }) },
  'task.slots': { to: 'session', body: () => ({ slots: 2 }) },
  'task.report': { to: 'session', body: () => ({ task: newId(), ok: true, text: 't' }) },
  'question.ask': {
    to: 'session',
    body: () => ({ question: newId(), text: 'q', options: [], other: false }),
  },
  'question.answer': { to: 'session', body: () => ({ question: newId(), answer: 'a' }) },
  'question.withdraw': { to: 'session', body: () => ({ question: newId() }) },
  'lease.take': { to: 'session', body: () => ({ epoch: 1, taker: newId() }) },
  'lease.give': { to: 'session', body: () => ({ epoch: 1 }) },
  'home.tell': { to: 'session', body: () => ({ epoch: 1, n: 1, type: 'agent.stop', body: {} }) },
  'agent.add': { to: 'session', body: () => ({ agent: newId(), run: newId(), definition: 'none' }) },
  'agent.stop': { to: 'session', body: () => ({ agent: newId(), grace: 0 }) },
  'agent.restart': { to: 'session', body: () => ({ agent: newId(), run: newId(), fresh: false }) },
  'agent.remove': { to: 'session', body: () => ({ agent: newId() }) },
  'agent.report': { to: 'session', body: () => ({ prompt: newId(), ok: true, text: 't' }) },
  'agent.mode': { to: 'session', body: () => ({ agent: newId(), mode: 'plan' }) },
  'agent.model': { to: 'session', body: () => ({ agent: newId(), model: 'small' }) },
  'prompt.queue': { to: 'session', body: () => ({ agent: newId(), prompt: newId(), parts }) },
  'prompt.edit': { to: 'session', body: () => ({ agent: newId(), prompt: newId(), parts }) },
  'prompt.cancel': { to: 'session', body: () => ({ agent: newId(), prompt: newId() }) },
  'turn.cancel': { to: 'session', body: () => ({ agent: newId() }) },
  'approval.answer': { to: 'session', body: () => ({ approval: 'a', answer: 'allow', always: false }) },
  'rule.remove': { to: 'session', body: () => ({ rule: newId() }) },
  'run.signal': { to: 'session', body: () => ({ signal: 'SIGCONT' }) },
  'ticket.make': {
    to: 'session',
    body: ({ own: member }, own) => ({
      ticket: newId(),
      hash: HASH,
      role: 'viewer',
      lifetime: 60_000,
      uses: 1,
      history: 'from-join',
      ...(own ? { member } : {}),
    }),
  },
  'ticket.withdraw': {
    to: 'session',
    body: ({ ownTicket, victimTicket }, own) => ({ ticket: own ? ownTicket : victimTicket }),
  },
  'ticket.redeem': { to: 'session', body: () => ({ secret: '0'.repeat(32), name: 'n', deviceName: 'd' }) },
  'member.role': { to: 'session', body: ({ victim }) => ({ member: victim, role: 'approver' }) },
  'member.revoke': { to: 'session', body: ({ own: self, victim }, own) => ({ member: own ? self : victim }) },
};

const WHO = ['stranger', 'member of another session', ...ROLES] as const;

async function scene(who: (typeof WHO)[number]): Promise<Scene> {
  const session = await node.session();
  const { joined } = await node.join(session, 'viewer');
  const victimTicket = await ticketBy(node.owner, session, undefined);
  const base = {
    session,
    victim: joined.member,
    victimTicket,
    own: 'nobody',
    ownTicket: 'none',
    role: undefined,
  };
  if (who === 'stranger') return { ...base, caller: (await node.connect()).client };
  if (who === 'member of another session')
    return { ...base, caller: (await node.join(await node.session(), 'owner')).client };
  const { client: caller, joined: me } = await node.join(session, who);
  return {
    ...base,
    caller,
    role: who,
    own: me.member,
    ownTicket: await ticketBy(caller, session, me.member),
  };
}

async function ticketBy(client: Client, session: string, member: string | undefined): Promise<string> {
  const ticket = newId();
  await client.command(`session/${session}`, 'ticket.make', {
    ticket,
    hash: HASH,
    role: 'viewer',
    lifetime: 60_000,
    uses: 1,
    history: 'from-join',
    ...(member === undefined ? {} : { member }),
  });
  return ticket;
}

/** The code that something was refused with; undefined if it was not. */
async function refusal(act: Promise<unknown>): Promise<SkeinError | undefined> {
  try {
    await act;
    return undefined;
  } catch (error) {
    return SkeinError.from(error);
  }
}

/** The log's length, for which nothing may have been written. */
async function events(): Promise<number> {
  return (await node.owner.ask('status', {})).log.events;
}

async function holds(what: string, needs: Need, { role }: Scene, act: () => Promise<unknown>): Promise<void> {
  const before = await events();
  const error = await refusal(act());
  if (allows(role, needs)) {
    expect(error?.code, `${what} is for ${role}`).not.toBe('not_allowed');
    return;
  }
  expect(['not_allowed', 'not_found'], `${what} is not for ${role}: ${error?.message}`).toContain(
    error?.code,
  );
  if (error?.code === 'not_allowed')
    expect(error.data).toMatchObject({ rule: 'M2', needs: expect.any(String) });
  if (role !== undefined && needs !== 'node-owner' && needs !== 'granted')
    expect(error?.data).toEqual({ rule: 'M2', needs, has: role });
  expect(await events(), `${what} left something in the log`).toBe(before);
}

/** Opens a lane, and resolves with the first answer; rejects with what ends it. */
function openLane(client: Client, frame: (lane: number) => ClientFrame): Promise<NodeFrame> {
  const lane = client.newLane();
  return new Promise((resolve, reject) => {
    const owner: Lane = {
      open: () => frame(lane),
      frame: (answer) => {
        if (answer.t === 'end' && answer.error !== undefined)
          reject(SkeinError.fromBody(answer.error as Parameters<typeof SkeinError.fromBody>[0]));
        else resolve(answer);
      },
      failed: reject,
    };
    client.addLane(lane, owner);
  });
}

describe.each(WHO)('a %s', (who) => {
  test('[M2] asks what the table lets it, and nothing else', async () => {
    const here = await scene(who);
    for (const type of Object.keys(ASK_NEEDS) as (keyof Asks)[]) {
      if (who === 'stranger') {
        // It is heard for a few frames only.
        here.caller.close();
        here.caller = (await node.connect()).client;
      }
      // A device admitted nowhere may not even ask what it may know of.
      const needs =
        who === 'member of another session' &&
        !('ref' in askBodies[type](here)) &&
        ASK_NEEDS[type] === 'viewer'
          ? 'anyone'
          : ASK_NEEDS[type];
      await holds(`ask ${type}`, needs, here, () => here.caller.ask(type, askBodies[type](here)));
    }
  });

  test('[M2] commands what the table lets it, and nothing else', async () => {
    for (const type of Object.keys(COMMAND_NEEDS) as (keyof Commands)[]) {
      const row = COMMAND_NEEDS[type];
      const cases: [Need, boolean][] =
        typeof row === 'string'
          ? [[row, false]]
          : [
              [row.others, false],
              [row.own, true],
            ];
      for (const [needs, own] of cases) {
        const here = await scene(who);
        const { to, body } = commandBodies[type];
        const target =
          to === 'session' ? `session/${here.session}` : to === 'workspace' ? `workspace/${newId()}` : to;
        await holds(`${type} (${own ? 'own' : 'others'})`, needs, here, () =>
          here.caller.command(target, type, body(here, own)),
        );
      }
    }
  });

  test('[M2] reads and opens what the table lets it, and nothing else', async () => {
    const here = await scene(who);
    const { session, caller } = here;
    const sub = (stream: string) => () =>
      openLane(caller, (lane) => ({
        t: 'sub',
        lane,
        stream,
        from: { offset: 0 },
        follow: false,
        credit: 100_000,
      }));
    await holds('sub of the session', FRAME_NEEDS.sub, here, sub(`session/${session}`));
    await holds('sub of the node', 'node-owner', here, sub('node'));
    for (const role of ['read', 'write'] as const) {
      const hello = { versions: HOST_VERSIONS, view: 'screen', ...size };
      await holds(`a terminal to ${role}`, TERMINAL_NEEDS[role], here, () =>
        openLane(caller, (lane) => ({ t: 'open', lane, session, role, hello, credit: 100_000 })),
      );
    }
    // No event of this session names a blob: whoever may fetch is told so, whoever may not is told that.
    const fetch = (lane: number): ClientFrame => ({
      t: 'fetch',
      lane,
      hash: HASH,
      from: 0,
      credit: 1000,
      of: { stream: `session/${session}`, offset: 1 },
    });
    const error = await refusal(openLane(caller, fetch));
    expect(error?.code).toBe(who === 'stranger' ? 'not_allowed' : 'not_found');
  });
});
