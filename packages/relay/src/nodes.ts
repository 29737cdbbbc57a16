/** Who is registered: one control connection a PeerId, the newest; admission, and the two things that a peer can ask for. */
import { SkeinError } from '@skein/protocol/errors';
import type { Logger } from 'pino';
import type { Admission, Applicant } from './admission.ts';
import type { Control, ControlContext } from './control.ts';
import { Crowd } from './crowd.ts';
import type { RelayIdentity } from './identity.ts';
import type { Meetings } from './meetings.ts';
import type { Newcomers } from './newcomers.ts';
import type { Quotas } from './quotas.ts';
import type { Register } from './registration.ts';
import type { Stats } from './stats.ts';
import type { Wheel } from './wheel.ts';

interface NodesOptions {
  identity: RelayIdentity;
  wheel: Wheel;
  quotas: Quotas;
  admission: Admission;
  newcomers: Newcomers;
  meetings: Meetings;
  stats: Stats;
  log: Logger;
  /** Whether the log may show where peers come from. */
  logAddresses: boolean;
}

export class Nodes implements ControlContext {
  readonly identity: RelayIdentity;
  readonly wheel: Wheel;
  readonly framesPerSecond: number;
  readonly #options: NodesOptions;
  readonly #byPeer = new Map<string, Control>();
  readonly #crowd = new Crowd();
  #leaving = false;

  constructor(options: NodesOptions) {
    this.#options = options;
    this.identity = options.identity;
    this.wheel = options.wheel;
    this.framesPerSecond = options.quotas.framesPerSecond;
  }

  get size(): number {
    return this.#byPeer.size;
  }

  admit(control: Control, frame: Register): void {
    const { admission, quotas, newcomers } = this.#options;
    const { peer, listen } = frame;
    if (this.#leaving) throw leaving();
    const applicant = { peer, admission: frame.admission, listen };
    if (!admission.admits(applicant)) throw notAdmitted();
    const older = this.#byPeer.get(peer);
    const { key } = control.newcomer;
    const others = this.#crowd.at(key) - (older !== undefined && older.newcomer.key === key ? 1 : 0);
    // Whom the keeper has let in themselves may be as many as they like.
    const proves = admission.proves(applicant);
    if (key !== undefined && others >= quotas.nodesPerAddress && !proves)
      throw tooManyThere(quotas.nodesPerAddress);
    if (older === undefined && this.size >= quotas.nodes) this.#makeRoom(control.origin, proves);
    this.#byPeer.set(peer, control);
    this.#crowd.add(control);
    older?.refuse(
      new SkeinError('replaced', 'A newer connection of this PeerId has taken the place of this one.'),
    );
    newcomers.settle(control.newcomer);
  }

  /** Turns somebody out, or throws `relay_full`. */
  #makeRoom(origin: string, proves: boolean): void {
    const { admission, quotas } = this.#options;
    const full = new SkeinError(
      'relay_full',
      `This relay takes ${quotas.nodes} nodes, and has them. Try another.`,
    );
    const gone = this.#crowd.whoMakesRoom(origin, proves, (one) => !admission.proves(one));
    if (gone === undefined) throw full;
    gone.refuse(full);
  }

  /** Who may be here has changed: refuses those who may not any longer. */
  review(): void {
    const { admission, log } = this.#options;
    for (const control of [...this.#byPeer.values()]) {
      if (admission.admits(control)) continue;
      log.info({ peer: control.peer }, 'no longer admitted');
      control.refuse(notAdmitted());
    }
  }

  /** Whether somebody may still be here, registered or not: by what they have given last. */
  mayStay({ peer, admission, listen }: Applicant): boolean {
    const now = this.#byPeer.get(peer);
    return this.#options.admission.admits({ peer, admission: now?.admission ?? admission, listen });
  }

  left(control: Control): void {
    this.#crowd.delete(control);
    this.#options.meetings.abandoned(control);
    if (this.#byPeer.get(control.peer) !== control) return;
    this.#byPeer.delete(control.peer);
    this.#options.meetings.left(control.peer);
    this.#options.log.debug({ peer: control.peer }, 'left');
  }

  dial(control: Control, to: string): Uint8Array {
    const { meetings, stats, log } = this.#options;
    try {
      if (this.#leaving) throw leaving();
      const target = this.#byPeer.get(to);
      if (target?.listen !== true)
        throw new SkeinError('peer_not_registered', 'That node is not registered at this relay.', {
          peer: to,
        });
      const tokens = meetings.arrange(control, target, control);
      target.send({ t: 'incoming', token: tokens.target, from: control.peer });
      log.debug({ from: control.peer, to }, 'dial');
      return tokens.dialer;
    } catch (error) {
      stats.dials.add(SkeinError.from(error).code);
      throw error;
    }
  }

  decline(control: Control, token: Uint8Array): void {
    this.#options.meetings.decline(control.peer, token);
  }

  outcome(control: Control, word: string): void {
    const { stats, log, logAddresses } = this.#options;
    stats.registrations.add(word);
    const from = logAddresses ? { address: control.address } : {};
    log.debug({ peer: control.peer || undefined, outcome: word, ...from }, 'registration');
  }

  /** No more registrations and dials; tells everybody to come back after a random part of `after` milliseconds. */
  sayGoaway(after: number): void {
    this.#leaving = true;
    for (const control of this.#byPeer.values()) control.send({ t: 'goaway', after });
  }

  close(): void {
    for (const control of [...this.#byPeer.values()]) control.close();
  }
}

function tooManyThere(limit: number): SkeinError {
  const message = `This relay takes ${limit} nodes of one address, and has them of yours. Try another.`;
  return new SkeinError('quota_exceeded', message, { limit });
}

function notAdmitted(): SkeinError {
  const message = 'This relay admits only those that its keeper has let in: by their PeerId, or by a token.';
  return new SkeinError('not_admitted', message, { rule: 'R3' });
}

function leaving(): SkeinError {
  return new SkeinError('relay_leaving', 'This relay is about to stop. Come back later, or try another.');
}
