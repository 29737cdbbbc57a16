/** Joining a session by a ticket, on a real node (rules M2, M3, K1, K2; fault F11). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTicket, newDevice, redeem, SharedNode } from './support/devices.ts';
import { codeOf, happened } from './support/people.ts';

let node: SharedNode;
beforeAll(async () => {
  node = await SharedNode.start();
});
afterAll(() => node.stop());

describe('joining', () => {
  test('[M3] of 100 devices that use one ticket at once exactly one gets in (F11)', async () => {
    const session = await node.session();
    const { secret } = await makeTicket(node.owner, session, { role: 'operator' });
    const members = (await node.owner.ask('members', { ref: session })).length;
    const devices = await Promise.all(Array.from({ length: 100 }, () => node.connect()));
    const outcomes = await Promise.all(devices.map(({ client }) => codeOf(redeem(client, session, secret))));
    for (const { client } of devices) client.close();
    expect(outcomes.filter((code) => code === 'done')).toHaveLength(1);
    expect(outcomes.filter((code) => code === 'ticket_used')).toHaveLength(99);
    expect(await node.owner.ask('members', { ref: session })).toHaveLength(members + 1);
  });

  test('[M3] wrong secrets leave nothing in the log, and after a few the connection ends', async () => {
    const session = await node.session();
    await makeTicket(node.owner, session, { role: 'viewer' });
    const before = (await node.owner.ask('status', {})).log.events;
    const { client } = await node.connect();
    const codes: string[] = [];
    for (let i = 0; i < 10; i++)
      codes.push(await codeOf(redeem(client, session, String(i).padStart(32, '0'))));
    expect(codes.slice(0, 8)).toEqual(Array(8).fill('ticket_invalid'));
    expect(codes[9]).toBe('node_unreachable');
    const { client: other } = await node.connect();
    expect(await codeOf(redeem(other, 'zzzzzzzzzzzz', '0'.repeat(32)))).toBe('ticket_invalid');
    expect((await node.owner.ask('status', {})).log.events).toBe(before);
  });

  test('[M2] who is admitted nowhere is heard briefly, and few of them at once', async () => {
    const stranger = await node.connect();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => codeOf(stranger.client.ask('sessions', {}))),
    );
    expect(answers).toContain('not_allowed');
    expect(answers.at(-1)).toBe('node_unreachable');
    const device = newDevice();
    const same = await Promise.allSettled(Array.from({ length: 6 }, () => node.connect(device)));
    expect(same.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    const others = await Promise.allSettled(Array.from({ length: 160 }, () => node.connect()));
    const came = others.flatMap((one) => (one.status === 'fulfilled' ? [one.value.client] : []));
    expect(came.length).toBeLessThanOrEqual(128);
    // A member is not kept out by them.
    const session = await node.session();
    for (const one of same) if (one.status === 'fulfilled') one.value.client.close();
    came[0]?.close();
    const member = await node.join(session, 'viewer');
    expect(await member.client.ask('sessions', {})).toMatchObject([{ id: session, role: 'viewer' }]);
    for (const client of came) client.close();
  });

  test('[K2] a join whose reply was lost is answered again, and a device has its receipts for itself', async () => {
    const session = await node.session();
    const { secret } = await makeTicket(node.owner, session, { role: 'operator' });
    const device = newDevice();
    const first = await node.connect(device, { id: 'shared', retryFor: 5_000 });
    const reply = redeem(first.client, session, secret);
    first.cut();
    expect(await reply).toMatchObject({ role: 'operator', device });
    // Another device that names itself the same, and says the same, is itself all the same.
    const other = await node.join(session, 'viewer');
    const thief = await node.connect(other.device, { id: 'shared' });
    const body = { secret, name: 'somebody', deviceName: "somebody's laptop" };
    expect(await thief.client.command(`session/${session}`, 'ticket.redeem', body)).toMatchObject({
      role: 'viewer',
      device: other.device,
    });
  });

  test('[K1] what a member does is told as theirs, from their device, whatever they say', async () => {
    const session = await node.session(['sleep', '1000']);
    const { client, device, joined } = await node.join(session, 'operator');
    const body = { signal: 'SIGCONT' as const, by: { kind: 'owner', via: 'local' } };
    await client.command(`session/${session}`, 'run.signal', body);
    const { by } = await happened(node.owner, session, ({ type }) => type === 'run.signalled');
    expect(by).toEqual({ kind: 'member', member: joined.member, name: 'operator', device });
    expect((await happened(node.owner, session, ({ type }) => type === 'member.joined')).by).toEqual({
      kind: 'device',
      device,
    });
  });
});
