/**
 * Sessions by what must be nobody else's: their names, and the ids of their agents and runs (rule K3). It follows the index
 * from change to change, so that to begin a session costs the same however many there are; what it says depends on the index alone.
 */
import { changedKeys, emptyKeyed, type Keyed, valueAt } from '@skein/protocol/keyed';
import type { Listed, NodeState } from '@skein/protocol/sessions/node-state';

/** The ids of the sessions that have a word. */
type Holders = ReadonlySet<string>;

const NOBODY: Holders = new Set();

class Words {
  readonly #wordsOf: (session: Listed) => readonly string[];
  readonly #holders = new Map<string, Set<string>>();
  #index: Keyed<Listed> = emptyKeyed();

  constructor(wordsOf: (session: Listed) => readonly string[]) {
    this.#wordsOf = wordsOf;
  }

  /** Of this index, which may be before or after the last one that was asked about. Good until the next question. */
  holders({ sessions }: NodeState, word: string): Holders {
    for (const id of changedKeys(this.#index, sessions)) {
      const [old, now] = [valueAt(this.#index, id), valueAt(sessions, id)];
      for (const gone of old === undefined ? [] : this.#wordsOf(old)) this.#remove(gone, id);
      for (const come of now === undefined ? [] : this.#wordsOf(now)) this.#add(come, id);
    }
    this.#index = sessions;
    return this.#holders.get(word) ?? NOBODY;
  }

  #add(word: string, id: string): void {
    const holders = this.#holders.get(word) ?? new Set();
    this.#holders.set(word, holders.add(id));
  }

  #remove(word: string, id: string): void {
    const holders = this.#holders.get(word);
    holders?.delete(id);
    if (holders?.size === 0) this.#holders.delete(word);
  }
}

const names = new Words(({ name }) => [name]);

const ids = new Words(({ run, agents }) => [
  run,
  ...agents.flatMap((one) => [one.agent, one.run, ...(one.next === undefined ? [] : [one.next])]),
]);

/** The sessions that are called so. */
export function called(state: NodeState, name: string): Holders {
  return names.holders(state, name);
}

/** The sessions of which an agent or a run has, had last, or is to have this id. */
export function having(state: NodeState, id: string): Holders {
  return ids.holders(state, id);
}
