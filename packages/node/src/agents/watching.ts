/** Who looks at which session just now: whoever follows its events, or waits for questions of all that are theirs. */
import { allows, COMMAND_NEEDS, type Need } from '@skein/protocol/members/roles';
import { type Gate, roleIn } from '../members/gate.ts';
import type { Principal } from '../members/principal.ts';

const SESSION = /^session\/([a-z2-7]{12})$/;

interface Look {
  by: Principal;
  /** Null for every session that they may see. */
  session: string | null;
}

export class Watching {
  readonly #gate: Pick<Gate, 'session'>;
  readonly #looks = new Set<Look>();

  constructor(gate: Pick<Gate, 'session'>) {
    this.#gate = gate;
  }

  /** Somebody follows a stream from now on, until what is returned is called. */
  follows(by: Principal, stream: string): () => void {
    const session = SESSION.exec(stream)?.[1];
    return session === undefined ? () => {} : this.#look({ by, session });
  }

  /** Somebody waits for the questions of a session, or with null of all. */
  waits(by: Principal, session: string | null): () => void {
    return this.#look({ by, session });
  }

  /** Whether anybody who may answer what is asked in a session looks at it. */
  mayAnswer(session: string): boolean {
    const listed = this.#gate.session(session);
    if (listed === undefined) return false;
    for (const { by, session: seen } of this.#looks) {
      if (seen !== null && seen !== session) continue;
      if (by.kind === 'device' && !Object.hasOwn(listed.devices, by.device)) continue;
      if (allows(roleIn(by, listed), COMMAND_NEEDS['approval.answer'] as Need)) return true;
    }
    return false;
  }

  #look(look: Look): () => void {
    this.#looks.add(look);
    return () => void this.#looks.delete(look);
  }
}
