/** What a fault test is given and what it tells. */

interface FaultOptions {
  /** How often the fault is brought about; each module says in its own words what one is. */
  count: number;
  seed: number;
  /** Whether figures of time may fail it: with the machine to itself, not beside other tests. */
  timing: boolean;
  /** Takes a line for whoever watches. */
  log: (line: string) => void;
}

export type Figure = number | string | boolean;

export interface FaultResult {
  id: string;
  runs: number;
  /** One sentence each; none when all held. */
  failures: string[];
  seed: number;
  /** Told beside; units are in the names. */
  figures: Record<string, Figure>;
  /** Why a part was left out. */
  skipped: string[];
}

export type Fault = (options: FaultOptions) => Promise<FaultResult>;

/** The p-th percentile of what was measured, by nearest rank; NaN for nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** Keeps the first failures and counts the rest, so that a run that goes wrong stays readable. */
export class Failures {
  readonly list: string[] = [];
  #more = 0;

  add(...sentences: string[]): void {
    for (const sentence of sentences) {
      if (this.list.length < 20) this.list.push(sentence);
      else this.#more++;
    }
  }

  get all(): string[] {
    return this.#more === 0 ? this.list : [...this.list, `and ${this.#more} more`];
  }
}
