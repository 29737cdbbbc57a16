/** What a session decides about its people, without a kernel or a world (rules M2, M3, K3). */
import { SkeinError } from '@skein/protocol/errors';
import { MAX_MEMBER_DEVICES } from '@skein/protocol/limits';
import { outputFloor, standingOf } from '@skein/protocol/members/state';
import { sessionIn } from '@skein/protocol/sessions/node-state';
import { describe, expect, test } from 'vitest';
import { byDevice, device, ID, LOCAL, secretOf, ticketId, World } from './world.fixture.ts';

function refusal(act: () => unknown): SkeinError {
  try {
    act();
  } catch (error) {
    if (error instanceof SkeinError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('tickets', () => {
  test('[M2] [C5] who may only bring devices of their own leaves the others room for tickets', () => {
    const world = new World();
    world.make(LOCAL, ticketId(0), 'viewer');
    const { member } = world.redeem(1, ticketId(0));
    for (let n = 1; n <= MAX_MEMBER_DEVICES; n++) world.make(byDevice(1), ticketId(n), 'viewer', { member });
    const more = () => world.make(byDevice(1), ticketId(100), 'viewer', { member });
    expect(refusal(more)).toMatchObject({ code: 'too_large', message: expect.stringContaining('withdraw') });
    world.make(LOCAL, ticketId(101), 'viewer');
    world.give(byDevice(1), 'ticket.withdraw', { ticket: ticketId(1) });
    more();
  });

  test('[M3] the first use binds the device, and the events name member, device and ticket', () => {
    const world = new World();
    world.make(LOCAL, ticketId(1), 'operator');
    const before = world.offset;
    const reply = world.redeem(1, ticketId(1), { runs: { bbbbbbbbbbbb: 77 } });
    expect(reply).toMatchObject({
      as: 'alice',
      role: 'operator',
      history: 'from-join',
      session: ID,
      name: 'api',
    });
    const standing = standingOf(world.session, device(1));
    expect(standing).toMatchObject({ member: reply.member, role: 'operator', from: before + 1 });
    expect(standing && outputFloor(standing, 'bbbbbbbbbbbb')).toBe(77);
    expect(standing && outputFloor(standing, 'a later run')).toBe(0);
    expect(sessionIn(world.node, ID)?.devices[device(1)]).toEqual({
      member: reply.member,
      name: 'alice',
      role: 'operator',
    });
  });

  test('[M3] the same device again gets the same answer and uses nothing; another is refused, and told why', () => {
    const world = new World();
    world.make(LOCAL, ticketId(1), 'viewer', { uses: 2 });
    const first = world.redeem(1, ticketId(1));
    expect(world.redeem(1, ticketId(1))).toEqual(first);
    expect(world.redeem(2, ticketId(1)).as).toBe('alice-2');
    expect(refusal(() => world.redeem(3, ticketId(1))).code).toBe('ticket_used');
    expect(refusal(() => world.redeem(3, ticketId(2))).code).toBe('ticket_invalid');
    world.make(LOCAL, ticketId(4), 'viewer');
    world.now += 60_000;
    expect(refusal(() => world.redeem(3, ticketId(4))).code).toBe('ticket_expired');
    expect(world.redeem(1, ticketId(4))).toEqual(first);
    world.make(LOCAL, ticketId(5), 'viewer');
    world.give(LOCAL, 'ticket.withdraw', { ticket: ticketId(5) });
    expect(refusal(() => world.redeem(3, ticketId(5))).code).toBe('ticket_invalid');
    expect(JSON.stringify(world.session)).not.toContain(secretOf(ticketId(1)));
  });

  test('[M3] who was shut out cannot come back by any ticket, and what they gave away is taken back', () => {
    const world = new World();
    world.make(LOCAL, ticketId(1), 'owner');
    const { member } = world.redeem(1, ticketId(1));
    world.make(byDevice(1), ticketId(2), 'viewer');
    world.give(LOCAL, 'member.revoke', { member });
    expect(world.cut).toEqual([device(1)]);
    expect(sessionIn(world.node, ID)?.devices).toEqual({});
    expect(refusal(() => world.redeem(2, ticketId(2))).code).toBe('ticket_invalid');
    world.make(LOCAL, ticketId(3), 'viewer');
    expect(refusal(() => world.redeem(1, ticketId(3))).code).toBe('device_revoked');
    expect(refusal(() => world.make(byDevice(1), ticketId(4), 'viewer')).data).toMatchObject({
      rule: 'M2',
      has: 'stranger',
    });
  });

  test('[M3] a second device joins as its member, with no more than it; one can be shut out alone', () => {
    const world = new World();
    world.make(LOCAL, ticketId(1), 'operator');
    const { member } = world.redeem(1, ticketId(1));
    world.make(byDevice(1), ticketId(2), 'viewer', { member });
    expect(world.redeem(2, ticketId(2))).toMatchObject({ member, as: 'alice', role: 'viewer' });
    expect(refusal(() => world.make(byDevice(2), ticketId(3), 'operator', { member })).code).toBe(
      'not_allowed',
    );
    expect(refusal(() => world.make(LOCAL, ticketId(3), 'owner', { member })).code).toBe('not_allowed');
    world.make(byDevice(1), ticketId(3), 'operator', { member });
    world.redeem(3, ticketId(3));
    world.give(LOCAL, 'member.role', { member, role: 'owner' });
    const roles = [1, 2, 3].map((n) => standingOf(world.session, device(n))?.role);
    expect(roles).toEqual(['owner', 'viewer', 'owner']);
    world.give(byDevice(2), 'member.revoke', { member, device: device(1) });
    expect([1, 2, 3].map((n) => standingOf(world.session, device(n))?.role)).toEqual([
      undefined,
      'viewer',
      'owner',
    ]);
  });

  test('[M2] each device of a member is called otherwise than the others, whatever it calls itself', () => {
    const world = new World();
    world.make(LOCAL, ticketId(1), 'operator');
    const { member } = world.redeem(1, ticketId(1), undefined, 'laptop');
    for (const n of [2, 3]) {
      world.make(LOCAL, ticketId(n), 'operator', { member });
      world.redeem(n, ticketId(n), undefined, 'laptop');
    }
    const names = world.session.members[member]?.devices.map(({ name }) => name) ?? [];
    expect([names[0], new Set(names).size]).toEqual(['laptop', 3]);
  });

  test('[M3] who may not read what was before cannot give that away, not even to themselves', () => {
    const world = new World();
    world.make(LOCAL, ticketId(1), 'owner');
    const { member } = world.redeem(1, ticketId(1));
    const all = { history: 'all' };
    expect(refusal(() => world.make(byDevice(1), ticketId(2), 'viewer', all)).code).toBe('not_allowed');
    expect(refusal(() => world.make(byDevice(1), ticketId(2), 'viewer', { ...all, member })).code).toBe(
      'not_allowed',
    );
    world.make(LOCAL, ticketId(3), 'owner', all);
    world.redeem(2, ticketId(3));
    world.make(byDevice(2), ticketId(4), 'viewer', all);
  });

  test('[M2] the machine’s user is no member: no command can take anything from them', () => {
    const world = new World();
    world.make(LOCAL, ticketId(1), 'owner');
    world.redeem(1, ticketId(1));
    for (const member of ['local', 'owner', '__proto__', 'constructor'])
      expect(refusal(() => world.give(byDevice(1), 'member.revoke', { member })).code).toBe('not_found');
    expect(refusal(() => world.give(byDevice(1), 'ticket.withdraw', { ticket: '__proto__' })).code).toBe(
      'not_found',
    );
    expect(
      refusal(() => world.give(LOCAL, 'ticket.redeem', { secret: secretOf('x'), name: 'n', deviceName: 'd' }))
        .code,
    ).toBe('bad_request');
    world.make(LOCAL, ticketId(9), 'owner');
  });

  test('[L6] after damage a device that index and session differ on is shut out, not let in', () => {
    const world = new World();
    for (const n of [1, 2, 3]) {
      world.make(LOCAL, ticketId(n), 'operator');
      world.redeem(n, ticketId(n));
    }
    const index = sessionIn(world.node, ID)?.devices ?? {};
    const { [device(1)]: _, ...others } = index;
    const lowered = {
      ...others,
      [device(2)]: { ...index[device(2)], role: 'viewer' },
      ghost: index[device(3)],
    };
    world.tell('members.agree', { devices: lowered });
    expect([1, 2, 3].map((n) => standingOf(world.session, device(n))?.role)).toEqual([
      undefined,
      undefined,
      'operator',
    ]);
    expect(world.cut).toEqual([device(1), device(2)]);
    expect(Object.keys(sessionIn(world.node, ID)?.devices ?? {})).not.toContain(device(2));
  });

  test('[M3] who types is recorded when it changes, and only where there is more than one who could', () => {
    const world = new World();
    const typed = (who: string) => world.tell('run.typed', { run: 'bbbbbbbbbbbb', who, offset: 1 });
    typed('local');
    expect(world.session.typist).toBeNull();
    world.make(LOCAL, ticketId(1), 'operator');
    const { member } = world.redeem(1, ticketId(1));
    typed(device(1));
    expect(world.session.typist?.by).toEqual({ kind: 'member', member, name: 'alice', device: device(1) });
    const { offset } = world;
    typed(device(1));
    typed('nobody');
    expect(world.offset).toBe(offset);
    typed('local');
    expect(world.session.typist?.by).toEqual(LOCAL);
  });
});
