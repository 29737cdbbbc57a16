/** What the relay counts. No PeerIds and no addresses: who may read the metrics learns how much, never who. */

export class Stats {
  readonly registrations = new Tally();
  readonly dials = new Tally();
  readonly spliceEnds = new Tally();
  readonly turnedAway = new Tally();
  /** Bytes passed on, both ways. */
  splicedBytes = 0;
}

/** Counts by a word of the relay's own choosing, so that a stranger cannot make new ones. */
export class Tally {
  readonly counts = new Map<string, number>();

  add(word: string): void {
    this.counts.set(word, (this.counts.get(word) ?? 0) + 1);
  }
}
