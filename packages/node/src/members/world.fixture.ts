/** For tests: a session's actor and the node's index, without a kernel between them, and devices that give commands. */
import { createHash } from 'node:crypto';
import type { Role } from '@skein/protocol/members/roles';
import { standingOf } from '@skein/protocol/members/state';
import { emptyNode, type NodeState } from '@skein/protocol/sessions/node-state';
import { emptySession, type SessionState } from '@skein/protocol/sessions/state';
import type { DecideContext, Decision, Effect } from '../kernel/types.ts';
import { nodeActor } from '../sessions/node-actor.ts';
import { sessionActor } from '../sessions/session-actor.ts';

export const ID = 'aaaaaaaaaaaa';
export const LOCAL = { kind: 'owner', via: 'local' };
export const device = (n: number): string => `device-${n}`;
export const byDevice = (n: number) => ({ kind: 'device', device: device(n) });
export const secretOf = (ticket: string): string => createHash('md5').update(ticket).digest('hex');
const hashOf = (ticket: string): string =>
  createHash('sha256')
    .update(Buffer.from(secretOf(ticket), 'hex'))
    .digest('hex');

/** A session and its node, without a kernel between them. */
export class World {
  session: SessionState;
  node: NodeState = emptyNode();
  now = 1_000;
  offset = 0;
  cut: string[] = [];
  effects: Effect[] = [];

  constructor() {
    this.session = emptySession(ID);
    const wish = { id: ID, run: 'bbbbbbbbbbbb', name: 'api', argv: ['bash'], cwd: '/', cols: 80, rows: 24 };
    this.#take(
      'node',
      nodeActor.decide(this.node, { type: 'session.create', body: wish }, this.#ctx('node', LOCAL)),
    );
  }

  /** A client's command; throws what it is refused with. */
  give(giver: unknown, type: string, body: unknown, facts?: unknown): unknown {
    const by = this.#named(giver);
    const ctx = { ...this.#ctx(`session/${ID}`, by), command: { client: 'c', seq: 1 }, facts };
    const decision = sessionActor.decide(this.session, { type, body }, ctx) as Decision;
    this.#take(`session/${ID}`, decision, by);
    return decision.reply;
  }

  /** A command of the node itself. */
  tell(type: string, body: unknown): void {
    const ctx = this.#ctx(`session/${ID}`, { kind: 'node' });
    this.#take(`session/${ID}`, sessionActor.decide(this.session, { type, body }, ctx) as Decision);
  }

  make(by: unknown, ticket: string, role: Role, more: object = {}): void {
    this.give(by, 'ticket.make', { ticket, hash: hashOf(ticket), role, lifetime: 60_000, ...more });
  }

  redeem(
    n: number,
    ticket: string,
    facts?: unknown,
    deviceName = `laptop ${n}`,
  ): { member: string; as: string; role: Role } {
    const body = { secret: secretOf(ticket), name: 'alice', deviceName };
    return this.give(byDevice(n), 'ticket.redeem', body, facts) as { member: string; as: string; role: Role };
  }

  /** As the gate names whoever gives a command. */
  #named(giver: unknown): unknown {
    const { device: id } = giver as { device?: string };
    const standing = id === undefined ? undefined : standingOf(this.session, id);
    if (standing === undefined) return giver;
    return { kind: 'member', member: standing.member, name: standing.name, device: id };
  }

  #ctx(target: string, by: unknown): DecideContext {
    return { now: this.now, by, target, id: target === 'node' ? '' : ID, offset: this.offset };
  }

  #take(target: string, decision: Decision, by: unknown = LOCAL): void {
    for (const { type, body, by: whose = by } of decision.events ?? []) {
      const event = { type, body, at: this.now, by: whose };
      if (target === 'node') this.node = nodeActor.apply(this.node, event, 0);
      else this.session = sessionActor.apply(this.session, event, ++this.offset);
    }
    this.effects.push(...(decision.effects ?? []));
    for (const { kind, body } of decision.effects ?? [])
      if (kind === 'cut-devices') this.cut.push(...(body as { devices: string[] }).devices);
    for (const { target: to, type, body } of decision.tell ?? []) {
      const [actor, state] = to === 'node' ? [nodeActor, this.node] : [sessionActor, this.session];
      const decide = actor.decide as (s: unknown, c: object, x: DecideContext) => Decision;
      this.#take(to, decide(state, { type, body }, this.#ctx(to, by)), by);
    }
  }
}

export const ticketId = (n: number): string =>
  `ticket${'abcdefghijklmnopqrstuvwxyz234567'[n % 32]}aaaa${'abcdefgh'[n >> 5]}`;
