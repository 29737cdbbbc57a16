/**
 * Who looks at which session just now: whoever follows its events, waits for questions of all that are theirs, or has its
 * terminal before them.
 */

import { LOCAL } from '@skein/protocol/host/local';
import { allows, COMMAND_NEEDS, type Need } from '@skein/protocol/members/roles';
import { type Gate, roleIn } from '../members/gate.ts';
import { LOCAL_USER, type Principal } from '../members/principal.ts';

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

  /** Whether anybody who may answer what is asked in a session looks at it; `attached` is whose terminals show it. */
  mayAnswer(session: string, attached: readonly string[] = []): boolean {
    const listed = this.#gate.session(session);
    if (listed === undefined) return false;
    const may = (by: Principal) => {
      if (by.kind === 'device' && !Object.hasOwn(listed.devices, by.device)) return false;
      return allows(roleIn(by, listed), COMMAND_NEEDS['approval.answer'] as Need);
    };
    const follows = ({ session: seen }: Look) => seen === null || seen === session;
    const terminals = attached.map(
      (who): Principal => (who === LOCAL ? LOCAL_USER : { kind: 'device', device: who }),
    );
    return [...this.#looks].some((look) => follows(look) && may(look.by)) || terminals.some(may);
  }

  #look(look: Look): () => void {
    this.#looks.add(look);
    return () => void this.#looks.delete(look);
  }
}
