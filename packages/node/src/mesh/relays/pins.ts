/** Which relay was first seen at a URL that was given without its PeerId: kept, so that another one there is noticed (R1). */
import path from 'node:path';
import { isPeerId } from '@skein/protocol/relay/peer-id';
import { readJson, writeWhole } from '../../platform/files.ts';

/** Relays that are remembered: the oldest go first. */
const MAX = 256;

export class RelayPins {
  readonly #file: string;
  readonly #pins: Map<string, string>;

  /** `dir` is the identity's. */
  constructor(dir: string) {
    this.#file = path.join(dir, 'relays.json');
    const stored = readJson(this.#file);
    const entries = typeof stored === 'object' && stored !== null ? Object.entries(stored) : [];
    this.#pins = new Map(
      entries.filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string' && isPeerId(entry[1]),
      ),
    );
  }

  /** The PeerId of the relay at a URL without pin. */
  get(url: string): string | undefined {
    return this.#pins.get(url);
  }

  set(url: string, relay: string): void {
    if (this.#pins.get(url) === relay) return;
    this.#pins.set(url, relay);
    for (const oldest of this.#pins.keys()) {
      if (this.#pins.size <= MAX) break;
      this.#pins.delete(oldest);
    }
    writeWhole(this.#file, `${JSON.stringify(Object.fromEntries(this.#pins), null, 2)}\n`);
  }
}
