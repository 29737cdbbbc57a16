/** Any order of acts of any people: actor and index against a model of the rules in the simplest words (rules M2, M3, K3). */
import { SkeinError } from '@skein/protocol/errors';
import { allows, lesser, ROLES, type Role } from '@skein/protocol/members/roles';
import { standingOf } from '@skein/protocol/members/state';
import { sessionIn } from '@skein/protocol/sessions/node-state';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byDevice, device, ID, LOCAL, ticketId, World } from './world.fixture.ts';

/** What the rules say, in the simplest words: people, their devices, and the tickets that are about. */
interface Person {
  role: Role;
  out: boolean;
}
interface Model {
  people: Person[];
  devices: Map<number, { person: number; most: Role; rises: boolean; out: boolean }>;
  tickets: Map<
    number,
    { role: Role; left: number; ends: number; by: number | null; device: number | null; for: number | null }
  >;
}

function roleOf(model: Model, n: number | null): Role | undefined {
  if (n === null) return 'owner';
  const one = model.devices.get(n);
  const person = one && model.people[one.person];
  if (one === undefined || person === undefined || one.out || person.out) return undefined;
  return one.rises ? person.role : lesser(person.role, one.most);
}

const DEVICES = 5;
const actor = fc.option(fc.nat(DEVICES - 1), { nil: null, freq: 3 });
// Owners do more than others: without many of them little would happen.
const role = fc.constantFrom(...ROLES, 'owner' as const, 'owner' as const);
const op = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('make' as const),
      by: actor,
      role,
      uses: fc.integer({ min: 1, max: 3 }),
      own: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('redeem' as const),
      device: fc.nat(DEVICES - 1),
      ticket: fc.nat(20),
    }),
  },
  fc.record({ is: fc.constant('role' as const), by: actor, person: fc.nat(20), role }),
  fc.record({ is: fc.constant('revoke' as const), by: actor, person: fc.nat(20), device: actor }),
  fc.record({ is: fc.constant('withdraw' as const), by: actor, ticket: fc.nat(20) }),
  fc.record({ is: fc.constant('wait' as const), ms: fc.constantFrom(10_000, 60_000) }),
);
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

/** What the rules say of an act: whether it is accepted, and what is so afterwards. */
function expected(model: Model, act: Exclude<Op, { is: 'wait' }>, number: number, now: number): boolean {
  const by = 'by' in act ? act.by : act.device;
  const has = roleOf(model, by);
  const me = by === null ? undefined : model.devices.get(by)?.person;
  switch (act.is) {
    case 'make': {
      const own = act.own && me !== undefined;
      if (has === undefined || !allows(has, own ? 'viewer' : 'owner') || !allows(has, act.role)) return false;
      model.tickets.set(number, {
        role: act.role,
        left: act.uses,
        ends: now + 60_000,
        by: by === null ? null : (me ?? null),
        device: by,
        for: own ? me : null,
      });
      return true;
    }
    case 'redeem': {
      if (has !== undefined) return true;
      const ticket = model.tickets.get(act.ticket);
      if (ticket === undefined || ticket.left <= 0 || ticket.ends <= now || model.devices.has(act.device))
        return false;
      ticket.left -= 1;
      const whole = ticket.for === null ? ticket.role : (model.people[ticket.for]?.role ?? 'viewer');
      const person = ticket.for ?? model.people.push({ role: ticket.role, out: false }) - 1;
      const most = lesser(ticket.role, whole);
      model.devices.set(act.device, { person, most, rises: most === whole, out: false });
      return true;
    }
    case 'role': {
      const person = model.people[act.person];
      if (has === undefined || !allows(has, 'owner') || person === undefined || person.out) return false;
      if (!allows(act.role, person.role)) forget(model, (t) => t.by === act.person || t.for === act.person);
      person.role = act.role;
      return true;
    }
    case 'revoke': {
      const person = model.people[act.person];
      const enough = has !== undefined && (allows(has, 'owner') || me === act.person);
      if (!enough || person === undefined || person.out) return false;
      if (act.device === null) {
        person.out = true;
        forget(model, (t) => t.by === act.person || t.for === act.person);
        return true;
      }
      const one = model.devices.get(act.device);
      if (one === undefined || one.person !== act.person || one.out) return false;
      one.out = true;
      forget(model, (t) => t.by === act.person && t.device === act.device);
      return true;
    }
    case 'withdraw': {
      const ticket = model.tickets.get(act.ticket);
      const enough = has !== undefined && (allows(has, 'owner') || (ticket?.by != null && ticket.by === me));
      return enough && ticket !== undefined && model.tickets.delete(act.ticket);
    }
  }
}

function forget(
  model: Model,
  which: (ticket: { by: number | null; for: number | null; device: number | null }) => boolean,
): void {
  for (const [number, ticket] of model.tickets)
    if (ticket.left > 0 && which(ticket)) model.tickets.delete(number);
}

describe('any order of acts', () => {
  test('[M2] [M3] actor and index give every device exactly what the rules give it', () => {
    fc.assert(
      fc.property(fc.array(op, { minLength: 20, maxLength: 80 }), (acts) => {
        const world = new World();
        const model: Model = { people: [], devices: new Map(), tickets: new Map() };
        /** The actor's names of the model's people. */
        const members: string[] = [];
        let made = 0;
        for (const wish of acts) {
          if (wish.is === 'wait') {
            world.now += wish.ms;
            continue;
          }
          // Mostly about what there is: chance alone would seldom meet it.
          const act = { ...wish };
          if ('ticket' in act) act.ticket %= made + 1;
          if ('person' in act) act.person %= model.people.length + 1;
          const number = act.is === 'make' ? made++ : made;
          const by =
            'by' in act && act.by === null ? LOCAL : byDevice('by' in act ? (act.by ?? 0) : act.device);
          const me = 'by' in act && act.by !== null ? model.devices.get(act.by)?.person : undefined;
          const known = model.people.length;
          const will = expected(model, act, number, world.now);
          const member = 'person' in act ? (members[act.person] ?? 'none') : '';
          let done = true;
          try {
            if (act.is === 'make') {
              const own = act.own && me !== undefined ? { member: members[me] } : {};
              world.make(by, ticketId(number), act.role, { uses: act.uses, ...own });
            } else if (act.is === 'redeem') {
              const joined = world.redeem(act.device, ticketId(act.ticket));
              if (model.people.length > known) members.push(joined.member);
            } else if (act.is === 'role') world.give(by, 'member.role', { member, role: act.role });
            else if (act.is === 'withdraw')
              world.give(by, 'ticket.withdraw', { ticket: ticketId(act.ticket) });
            else
              world.give(by, 'member.revoke', {
                member,
                ...(act.device === null ? {} : { device: device(act.device) }),
              });
          } catch (error) {
            expect(error).toBeInstanceOf(SkeinError);
            done = false;
          }
          expect(done, JSON.stringify(act)).toBe(will);
          for (let n = 0; n < DEVICES; n++) {
            const standing = standingOf(world.session, device(n));
            expect(standing?.role).toBe(roleOf(model, n));
            expect(sessionIn(world.node, ID)?.devices[device(n)]?.role).toBe(roleOf(model, n));
          }
        }
        const names = Object.values(world.session.members).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 400 },
    );
  });
});
