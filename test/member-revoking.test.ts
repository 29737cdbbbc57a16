/** Typing as a member, leaving and being shut out, on a real node with real programs (rules M2, M3, H3; fault F11). */
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTicket, newDevice, redeem, SharedNode } from './support/devices.ts';
import { LaneViewer } from './support/lane-viewer.ts';
import { codeOf, eventsOf, happened } from './support/people.ts';

let node: SharedNode;
beforeAll(async () => {
  node = await SharedNode.start();
});
afterAll(() => node.stop());

describe('typing', () => {
  test('[M3] who is attached, from which device, and who types, is told and recorded', async () => {
    const session = await node.session();
    const alice = await node.join(session, 'operator');
    const looker = await node.join(session, 'viewer');
    const writing = new LaneViewer(alice.client, session, { role: 'write' });
    const looking = new LaneViewer(looker.client, session);
    await writing.until(() => writing.welcome !== undefined);
    await looking.until(() => looking.welcome !== undefined);
    writing.type('hello\n');
    const { body } = await happened(node.owner, session, ({ type }) => type === 'run.typed');
    const who = { kind: 'member', member: alice.joined.member, name: 'operator', device: alice.device };
    expect(body).toMatchObject({ by: who });
    const { attached } = await looker.client.ask('session', { ref: session });
    expect(attached).toContainEqual({ who, deviceName: "operator's laptop", count: 1, typing: true });
    expect(attached).toHaveLength(2);
    const members = await looker.client.ask('members', { ref: session });
    expect(members.find(({ id }) => id === alice.joined.member)).toMatchObject({
      name: 'operator',
      role: 'operator',
      devices: [{ id: alice.device, connected: true, attached: 1, seen: expect.any(Number) }],
    });
    // Who may only look cannot type, even behind the client's back.
    looking.type('no\n');
    await looking.until(() => looking.over);
    expect(looking.error?.code).toBe('not_allowed');
    expect(writing.text).not.toContain('no\r');
  });

  test('[M3] who typed what ended the program stands in the log before its end, whoever typed just before', async () => {
    const session = await node.session(['sh', '-c', 'read a; echo "got $a"; read b; exit 3']);
    const [first, second] = [await node.join(session, 'operator'), await node.join(session, 'operator')];
    const [one, other] = [first, second].map(
      ({ client }) => new LaneViewer(client, session, { role: 'write' }),
    ) as [LaneViewer, LaneViewer];
    await other.until(() => other.welcome !== undefined);
    one.type('A\n');
    await other.until(() => other.text.includes('got A'));
    other.type('B\n');
    await happened(node.owner, session, ({ type }) => type === 'run.exited');
    const told = (await eventsOf(node.owner, session)).filter(({ type }) =>
      /^run\.(typed|exited)$/.test(type),
    );
    expect(told.map(({ body }) => (body as { by?: { device: string } }).by?.device)).toEqual([
      first.device,
      second.device,
      undefined,
    ]);
  });

  test('[H3] a device’s input is counted as its own, whatever it calls its attachment', async () => {
    const session = await node.session();
    const [a, b] = [await node.join(session, 'operator'), await node.join(session, 'operator')];
    const hello = { attachment: 'the-same', token: 'x', key: 'y', label: 'z' };
    const one = new LaneViewer(a.client, session, { role: 'write', hello });
    one.type('abc');
    await one.until(() => one.accepted === 3);
    const two = new LaneViewer(b.client, session, { role: 'write', hello });
    await two.until(() => two.welcome !== undefined);
    expect(two.welcome?.accepted).toBe(0);
    const again = new LaneViewer(a.client, session, { role: 'write', hello });
    await again.until(() => again.welcome !== undefined);
    expect(again.welcome?.accepted).toBe(3);
  });
});

describe('shutting out', () => {
  test('[M3] a revoked member is cut within a second, everywhere, and stays out (F11)', async () => {
    const session = await node.session();
    const { client, device, joined } = await node.join(session, 'operator');
    const second = await node.connect(device);
    const terminal = new LaneViewer(client, session, { role: 'write' });
    await terminal.until(() => terminal.welcome !== undefined);
    const events = second.client.subscribe({
      stream: `session/${session}`,
      from: { offset: 0 },
      follow: true,
    });
    await events.next();
    const rest = (async () => {
      while ((await events.next()) !== undefined);
    })();
    const begun = performance.now();
    await node.owner.command(`session/${session}`, 'member.revoke', { member: joined.member });
    await expect(rest).rejects.toMatchObject({ code: 'node_unreachable' });
    expect(performance.now() - begun).toBeLessThan(1_000);
    // The first connects again by itself, and is a stranger now.
    await terminal.until(() => terminal.over);
    expect(terminal.error?.code).toBe('not_allowed');
    const { secret } = await makeTicket(node.owner, session, { role: 'viewer' });
    expect(await codeOf(redeem((await node.connect(device)).client, session, secret))).toBe('device_revoked');
    const types = (await eventsOf(node.owner, session)).map(({ type }) => type);
    expect(types).toContain('member.revoked');
  });

  test('[M3] a changed role ends the connection, and the next is judged by the new one', async () => {
    const session = await node.session();
    const { client, joined } = await node.join(session, 'operator');
    const terminal = new LaneViewer(client, session, { role: 'write' });
    await terminal.until(() => terminal.welcome !== undefined);
    await node.owner.command(`session/${session}`, 'member.role', { member: joined.member, role: 'viewer' });
    await terminal.until(() => terminal.over);
    expect(terminal.error).toMatchObject({
      code: 'not_allowed',
      data: { rule: 'M2', needs: 'operator', has: 'viewer' },
    });
    expect((await client.ask('session', { ref: session })).you.role).toBe('viewer');
  });

  test('[M3] a member can leave, and is answered before the door closes', async () => {
    const session = await node.session();
    const { client, device, joined } = await node.join(session, 'viewer');
    const reply = await client.command(`session/${session}`, 'member.revoke', { member: joined.member });
    expect(reply).toEqual({ member: joined.member, name: 'viewer', devices: [device] });
    expect(await node.owner.ask('members', { ref: session })).toEqual([]);
  });

  test('[M3] a removed session knows its members no more', async () => {
    const session = await node.session(['true']);
    const other = await node.session();
    const { client, device } = await node.join(session, 'owner');
    const { secret } = await makeTicket(node.owner, other, { role: 'viewer' });
    await redeem(client, other, secret);
    await node.owner.ask('ended', { ref: session });
    await node.owner.command('node', 'session.remove', { id: session, purge: true });
    expect(await codeOf(client.ask('session', { ref: session }))).toBe('not_found');
    expect(await client.ask('sessions', {})).toMatchObject([{ id: other }]);
    expect(device).toMatch(/^12D3KooW/);
  });

  test('[M2] everything that an owner sent, played again by others, changes nothing', async () => {
    const session = await node.session();
    const owner = await node.join(session, 'owner');
    const viewer = await node.join(session, 'viewer');
    const target = `session/${session}`;
    const recorded: [string, string, unknown][] = [
      [
        target,
        'ticket.make',
        {
          ticket: newId(),
          hash: 'ab'.repeat(32),
          role: 'owner',
          lifetime: 60_000,
          uses: 1,
          history: 'from-join',
        },
      ],
      [target, 'member.role', { member: viewer.joined.member, role: 'approver' }],
      ['node', 'session.rename', { id: session, name: `r${newId()}` }],
      [target, 'run.signal', { signal: 'SIGCONT' }],
    ];
    const play = async (device: string) => {
      const one = await node.connect(device, { id: 'recorded', retryFor: 5_000 });
      const send = one.client.command.bind(one.client) as (
        t: string,
        k: string,
        b: unknown,
      ) => Promise<unknown>;
      const replies = await Promise.all(
        recorded.map(async (args) => send(...args).catch((error) => SkeinError.from(error).code)),
      );
      one.client.close();
      return replies;
    };
    const first = await play(owner.device);
    expect(first.every((reply) => typeof reply === 'object')).toBe(true);
    const before = (await node.owner.ask('status', {})).log.events;
    expect(await play(owner.device)).toEqual(first);
    expect(new Set(await play(viewer.device))).toEqual(new Set(['not_allowed']));
    expect(new Set(await play(newDevice()))).toEqual(new Set(['not_found']));
    expect((await node.owner.ask('status', {})).log.events).toBe(before);
  });
});
