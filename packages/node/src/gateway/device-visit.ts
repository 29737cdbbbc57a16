/**
 * A device's visit (rules K1, M2, M3): whatever it sends is held against the table and its role in the session concerned, as
 * the log has it now. Who is admitted nowhere may redeem a ticket, in few words and soon, and nothing else.
 */
import { SkeinError } from '@skein/protocol/errors';
import { allows, COMMAND_NEEDS, FRAME_NEEDS } from '@skein/protocol/members/roles';
import { standingOf } from '@skein/protocol/members/state';
import type { Who } from '@skein/protocol/members/who';
import { type Commands, sessionCommands } from '@skein/protocol/sessions/commands';
import type { SessionState } from '@skein/protocol/sessions/state';
import { parseBody } from '../actors/parse-body.ts';
import { unpackEvents } from '../kernel/codec.ts';
import type { Command, Page, Reply } from '../kernel/types.ts';
import { admission } from '../members/admission.ts';
import type { RedeemFacts } from '../members/decide.ts';
import { nameFor } from '../members/device-name.ts';
import type { Gate } from '../members/gate.ts';
import { idIn, needOf } from '../members/givers.ts';
import { noSession, notAllowed, ticketInvalid } from '../members/refusals.ts';
import { seesAs, withhold } from '../members/withheld.ts';
import type { Frame, OwnerContext, Visit } from './visit.ts';

/** Frames that somebody unknown may send on one connection, and tickets that anybody may try on one. */
const STRANGER_FRAMES = 16;
const TRIES = 8;

interface VisitContext extends OwnerContext {
  gate: Gate;
  /** How far the output of a session's present run has got. */
  outputEnds(state: SessionState): Promise<RedeemFacts['runs']>;
}

const SESSION = /^session\/([a-z2-7]{12})$/;

export function deviceVisit(context: VisitContext, device: string, end: (error: SkeinError) => void): Visit {
  return new DeviceVisit(context, device, end);
}

class DeviceVisit implements Visit {
  readonly #context: VisitContext;
  readonly #device: string;
  readonly #end: (error: SkeinError) => void;
  #strangeFrames = 0;
  #tries = 0;

  constructor(context: VisitContext, device: string, end: (error: SkeinError) => void) {
    this.#context = context;
    this.#device = device;
    this.#end = end;
  }

  admit(frame: Parameters<Visit['admit']>[0]): void {
    if (this.#context.gate.knows(this.#device)) return;
    const needs = FRAME_NEEDS[frame.t];
    if (++this.#strangeFrames > STRANGER_FRAMES) this.#end(notAllowed('viewer', 'stranger'));
    if (needs !== 'anyone') throw notAllowed(needs, 'stranger');
  }

  ask(type: string, body: unknown, aborted: AbortSignal): Promise<unknown> {
    return this.#context.ask(type, body, aborted, { kind: 'device', device: this.#device });
  }

  async execute(command: Command): Promise<Reply> {
    try {
      const { client, seq } = command.id;
      // Its receipts are its own, whatever name it gives itself: nobody is answered with another's (K2).
      const mine: Command = { ...command, id: { client: nameFor(this.#device, client), seq } };
      if (command.type === 'ticket.redeem') return await this.#redeem(mine);
      return await this.#context.execute(this.#giving(command), mine);
    } catch (thrown) {
      // Refused before it was a command of any session: nothing is recorded of it.
      return { ok: false, error: SkeinError.from(thrown).toBody() };
    }
  }

  ack(client: string, seq: number): void {
    const { gate, kernel } = this.#context;
    if (gate.knows(this.#device)) kernel.ack(nameFor(this.#device, client), seq);
  }

  reading(stream: string): () => Promise<((page: Page) => Page) | undefined> {
    const session = SESSION.exec(stream)?.[1];
    if (session === undefined) throw notAllowed('node-owner', 'device');
    this.#context.gate.need(this.#device, session, FRAME_NEEDS.sub);
    return async () => {
      const sees = await this.#sees(session);
      return (page) => withhold(page, sees);
    };
  }

  async fetching({ hash, of }: Frame<'fetch'>): Promise<void> {
    const session = SESSION.exec(of?.stream ?? '')?.[1];
    if (of === undefined || session === undefined) throw notAllowed('node-owner', 'device');
    this.#context.gate.need(this.#device, session, FRAME_NEEDS.fetch);
    const sees = await this.#sees(session);
    const from = { epoch: 0, offset: of.offset - 1 };
    const events = await this.#context.kernel.subscribe({ stream: of.stream, from, follow: false });
    try {
      const page = await events.next();
      if (page !== null && namesBlob(page, hash, sees)) return;
    } finally {
      events.close();
    }
    throw new SkeinError('not_found', 'That event names no such blob for you to read.');
  }

  openTerminal(
    frame: Frame<'open'>,
    lane: Parameters<Visit['openTerminal']>[1],
  ): ReturnType<Visit['openTerminal']> {
    return this.#context.openTerminal({ kind: 'device', device: this.#device }, frame, lane);
  }

  /** What it may read of a session's events. A change of role ends the connection, so this holds as long as it does. */
  async #sees(session: string) {
    const { state } = await this.#context.kernel.state<SessionState>(`session/${session}`);
    const standing = standingOf(state, this.#device);
    if (standing === undefined) throw noSession(session);
    return seesAs(standing);
  }

  /** Who gives a command, if it may be given at all; whose it is exactly to give, the actor decides (see givers.ts). */
  #giving({ target, type, body }: Command): Who {
    const ref = target === 'node' ? idIn(body) : SESSION.exec(target)?.[1];
    const row = Object.hasOwn(COMMAND_NEEDS, type) ? COMMAND_NEEDS[type as keyof Commands] : 'node-owner';
    const needs = needOf(row, true);
    if (needs === 'granted' && target === 'node' && this.#context.gate.hasGrant(this.#device))
      return { kind: 'device', device: this.#device };
    if (needs === 'node-owner' || needs === 'granted') throw notAllowed(needs, 'device');
    const session = ref ?? target;
    const { member, name, role } = this.#context.gate.need(this.#device, session, 'viewer');
    if (needs !== 'anyone' && !allows(role, needs)) throw notAllowed(needs, role);
    return { kind: 'member', member, name, device: this.#device };
  }

  /**
   * A ticket is looked at before anything is recorded: a stranger's guess leaves no receipt and no event, and costs a hash.
   * Only what would be accepted as things are becomes a command, and is decided as one.
   */
  async #redeem(command: Command): Promise<Reply> {
    if (++this.#tries > TRIES) {
      const error = new SkeinError('ticket_invalid', 'Too many tickets were tried.', { rule: 'M3' });
      this.#end(error);
      throw error;
    }
    const body = parseBody(sessionCommands['ticket.redeem'], command.body);
    const session = SESSION.exec(command.target)?.[1];
    if (session === undefined || this.#context.gate.session(session) === undefined) throw ticketInvalid();
    const { state } = await this.#context.kernel.state<SessionState>(command.target);
    const admitted = admission(state, this.#device, body.secret, Date.now());
    const facts: RedeemFacts = { runs: await this.#context.outputEnds(state) };
    const reply = await this.#context.kernel.execute(this.#who(admitted), command, facts);
    if (reply.ok) this.#tries = 0;
    return reply;
  }

  #who(admitted: ReturnType<typeof admission>): Who {
    if (admitted.is === 'ticket') return { kind: 'device', device: this.#device };
    const { member, name, device } = admitted.standing;
    return { kind: 'member', member, name, device };
  }
}

function namesBlob(page: Page, hash: string, sees: ReturnType<typeof seesAs>): boolean {
  const [first] = unpackEvents(page.data);
  return first !== undefined && first.blob?.hash === hash && sees(page.first, first);
}
