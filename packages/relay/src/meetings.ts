/**
 * Bringing two ends together (rule R1): a dial makes two one-time tokens, one an end, kept only as hashes; whoever shows
 * one waits for the other; then they are joined.
 */
import { createHash, randomBytes } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { TOKEN_BYTES, TOKEN_MS } from '@skein/protocol/relay/limits';
import type { Applicant } from './admission.ts';
import type { Arrival } from './arrivals.ts';
import type { Quotas } from './quotas.ts';
import type { Stats } from './stats.ts';
import type { Usage, Use } from './usage.ts';
import type { Timed, Wheel } from './wheel.ts';

/** One end's half of a meeting. */
interface Side {
  hash: string;
  arrival?: Arrival;
}

/** Who dials; `origin` is what those share who may be one: an address, or the PeerId where that is not counted. */
export interface Dialer extends Applicant {
  origin: string;
}

export interface Meeting extends Timed {
  /** Through which the dialer asked for it, and is told its token. */
  readonly by: object;
  readonly origin: string;
  /** As what the two were registered. */
  readonly who: readonly [dialer: Applicant, target: Applicant];
  readonly dialer: Use;
  readonly target: Use;
  readonly sides: readonly [dialer: Side, target: Side];
}

interface MeetingsOptions {
  wheel: Wheel;
  quotas: Quotas;
  usage: Usage;
  stats: Stats;
  /** Joins the two; called when both have come. */
  join(meeting: Meeting, dialer: Arrival, target: Arrival): void;
  /** Splices there are. */
  splices(): number;
  /** Ends one of somebody who has more than this origin with so many dials that wait; false when there is none. */
  makeRoom(origin: string, pending: number): boolean;
}

export class Meetings {
  readonly #options: MeetingsOptions;
  readonly #byHash = new Map<string, { meeting: Meeting; side: Side }>();
  readonly #all = new Set<Meeting>();

  constructor(options: MeetingsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  /**
   * The two tokens, for a dial that was asked for through `by`; throws `quota_exceeded` for the dialer's limits, `relay_full`
   * for the relay's or the target's.
   */
  arrange(from: Dialer, to: Applicant, by: object): { dialer: Uint8Array; target: Uint8Array } {
    const { wheel, quotas, usage, splices, makeRoom } = this.#options;
    const dialer = usage.of(from.peer);
    const target = usage.of(to.peer);
    try {
      if (dialer.dialling >= quotas.pendingPerPeer) throw exceeded('dials at once', quotas.pendingPerPeer);
      if (dialer.dialling + dialer.splices >= quotas.splicesPerPeer)
        throw exceeded('relayed connections', quotas.splicesPerPeer);
      if (target.called >= quotas.pendingForPeer)
        this.#makeRoom(from, 'too many dials wait for that node', (one) => one.target === target);
      if (this.size >= quotas.pending) this.#makeRoom(from, 'too many dials wait at this relay', () => true);
      // Last: nobody's splice is cut for a dial that is refused all the same.
      if (this.size + splices() >= quotas.splices && !makeRoom(from.origin, this.#pendingOf(from.origin)))
        throw full('this relay has as many splices as it may');
    } catch (error) {
      usage.tidy(dialer);
      usage.tidy(target);
      throw error;
    }
    const tokens = { dialer: randomBytes(TOKEN_BYTES), target: randomBytes(TOKEN_BYTES) };
    const meeting: Meeting = {
      ...{ by, dialer, target, origin: from.origin },
      who: [asRegistered(from), asRegistered(to)],
      sides: [{ hash: hashOf(tokens.dialer) }, { hash: hashOf(tokens.target) }],
      due: wheel.now + TOKEN_MS,
      expire: () => this.#cancel(meeting, 504, new SkeinError('timeout', 'The other end did not come.')),
    };
    for (const side of meeting.sides) this.#byHash.set(side.hash, { meeting, side });
    this.#all.add(meeting);
    dialer.dialling++;
    target.called++;
    wheel.add(meeting);
    return tokens;
  }

  /**
   * Somebody shows a token: looked up by its hash, so that the time it takes tells nothing of those there are. It is used
   * up, whatever comes of it. False when it is none.
   */
  present(token: Uint8Array, arrive: () => Arrival): boolean {
    const hash = hashOf(token);
    const found = this.#byHash.get(hash);
    if (found === undefined) return false;
    this.#byHash.delete(hash);
    const { meeting, side } = found;
    const arrival = arrive();
    side.arrival = arrival;
    const [dialer, target] = meeting.sides;
    if (dialer.arrival !== undefined && target.arrival !== undefined) {
      this.#forget(meeting);
      this.#options.stats.dials.add('joined');
      this.#options.join(meeting, dialer.arrival, target.arrival);
    } else {
      arrival.gone = () => this.#cancel(meeting, 504, new SkeinError('gone', 'The other end went away.'));
    }
    return true;
  }

  /** The one who is called will not come. Another's token, or none that is known, changes nothing. */
  decline(peer: string, token: Uint8Array): void {
    const found = this.#byHash.get(hashOf(token));
    if (found === undefined || found.meeting.target.peer !== peer || found.side !== found.meeting.sides[1])
      return;
    this.#cancel(found.meeting, 403, new SkeinError('declined', 'That node declined.'));
  }

  /** A node has gone: those who wait for it are told at once. */
  left(peer: string): void {
    for (const meeting of [...this.#all]) {
      if (meeting.target.peer !== peer || meeting.sides[1].arrival !== undefined) continue;
      this.#cancel(meeting, 504, new SkeinError('peer_not_registered', 'That node has left this relay.'));
    }
  }

  /**
   * Who asked is gone, or has come anew: tokens that were not used are lost on their way, and whoever was called for them
   * is to wait for nobody.
   */
  abandoned(by: object): void {
    for (const meeting of [...this.#all]) {
      if (meeting.by !== by || meeting.sides[0].arrival !== undefined) continue;
      this.#cancel(meeting, 504, new SkeinError('gone', 'The other end went away.'));
    }
  }

  /** Ends those of whom one may not be here any longer, whether or not they have shown their token. */
  cut(mayStay: (one: Applicant) => boolean): void {
    const error = () => new SkeinError('not_admitted', 'One of the two is no longer admitted.');
    for (const meeting of [...this.#all])
      if (!meeting.who.every(mayStay)) this.#cancel(meeting, 403, error());
  }

  end(): void {
    for (const meeting of [...this.#all])
      this.#cancel(meeting, 503, new SkeinError('relay_leaving', 'This relay is about to stop.'));
  }

  /**
   * Ends a dial of whoever has most of those that wait, where that is more than the one who comes would have: however many keys
   * somebody dials with and then does not come, they keep out nobody else. Throws `relay_full` where all have alike.
   */
  #makeRoom({ origin }: Dialer, why: string, among: (one: Meeting) => boolean): void {
    const byOrigin = Map.groupBy([...this.#all].filter(among), (one) => one.origin);
    const [most = []] = [...byOrigin.values()].sort((a, b) => b.length - a.length);
    const [oldest] = most;
    if (oldest === undefined || most.length <= (byOrigin.get(origin)?.length ?? 0) + 1) throw full(why);
    this.#cancel(oldest, 503, full(why));
  }

  #pendingOf(origin: string): number {
    return [...this.#all].filter((one) => one.origin === origin).length;
  }

  #cancel(meeting: Meeting, status: number, error: SkeinError): void {
    this.#forget(meeting);
    this.#options.stats.dials.add(error.code);
    for (const { arrival } of meeting.sides) arrival?.refuse(status, error);
  }

  #forget(meeting: Meeting): void {
    const { wheel, usage } = this.#options;
    if (!this.#all.delete(meeting)) return;
    wheel.delete(meeting);
    for (const side of meeting.sides) {
      this.#byHash.delete(side.hash);
      if (side.arrival !== undefined) side.arrival.gone = undefined;
    }
    meeting.dialer.dialling--;
    meeting.target.called--;
    usage.tidy(meeting.dialer);
    usage.tidy(meeting.target);
  }
}

/** A copy: what it is taken from holds a connection that may be long gone. */
function asRegistered({ peer, admission, listen }: Applicant): Applicant {
  return { peer, admission, listen };
}

function hashOf(token: Uint8Array): string {
  return createHash('sha256').update(token).digest('base64');
}

function full(why: string): SkeinError {
  return new SkeinError('relay_full', `This cannot be relayed now: ${why}. Try again, or another relay.`);
}

function exceeded(what: string, limit: number): SkeinError {
  return new SkeinError('quota_exceeded', `You may have at most ${limit} ${what} here.`, { limit });
}
