/**
 * Makes a recording the same wherever and whenever it was made: paths, addresses, ids, dates, durations. An id becomes
 * another of its form, the same for the same one throughout, so that what refers to what can still be told.
 */
import type { Json } from '../model/json.ts';

/** Literal texts and what stands for them, such as the agent's home; longest first. */
export type Names = readonly (readonly [from: string, to: string])[];

/** Ids that agents make up, by form: UUIDs, and those with a prefix. */
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const PREFIXED = /\b(ses|msg|prt|per|evt|tool|req|call|exec|pty|wrk)_([0-9A-Za-z]{16,})\b/g;
const DATE = /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g;
/** In names of files, and in paths by day. */
const DATE_IN_NAME = /\b20\d\d-\d\d-\d\dT\d\d-\d\d(?:-\d\d)?/g;
const DAY_IN_PATH = /\/20\d\d\/\d\d\/\d\d\//g;
const DAY = /\b20\d\d-\d\d-\d\d\b/g;

const DAY_IN_WORDS = /\b[A-Z][a-z]+day, [A-Z][a-z]+ \d{1,2}, 20\d\d\b/g;

const THE_DATE = '2026-01-01T00:00:00.000Z';
const THE_TIME_MS = Date.parse(THE_DATE);
/** Numbers this near to now are times, in ms or s. */
const NEAR_MS = 10 * 365 * 24 * 3_600_000;

/** Names of numbers that a clock made. */
const DURATION = /(?:duration|elapsed|ttft|_ms$|Ms$|time_to)/;
/** Process numbers. */
const PID = /^(?:pid|processId|process_id)$/;

export class Scrubber {
  private readonly ids = new Map<string, string>();
  private readonly names: Names;

  constructor(names: Names) {
    this.names = [...names].sort(([one], [two]) => two.length - one.length);
  }

  text(text: string): string {
    let clean = text;
    for (const [from, to] of this.names) clean = clean.replaceAll(from, to);
    return clean
      .replace(UUID, (id) => this.idOf(id, (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`))
      .replace(PREFIXED, (id, prefix: string) =>
        this.idOf(id, (n) => `${prefix}_${String(n).padStart(16, '0')}`),
      )
      .replace(DATE, THE_DATE)
      .replace(DATE_IN_NAME, '2026-01-01T00-00-00')
      .replace(DAY_IN_PATH, '/2026/01/01/')
      .replace(DAY_IN_WORDS, 'Thursday, January 1, 2026')
      .replace(DAY, THE_DATE.slice(0, 10));
  }

  value(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return PID.test(key) ? '1' : this.text(value);
    if (typeof value === 'number') return numberOf(value, key);
    if (Array.isArray(value)) return value.map((item) => this.value(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return this.frame(value as Json);
  }

  frame(frame: Json): Json {
    return Object.fromEntries(
      Object.entries(frame).map(([key, value]) => [this.text(key), this.value(value, key)]),
    );
  }

  private idOf(id: string, make: (n: number) => string): string {
    const known = this.ids.get(id) ?? make(this.ids.size + 1);
    this.ids.set(id, known);
    return known;
  }
}

function numberOf(value: number, key: string): number {
  if (Math.abs(value - Date.now()) < NEAR_MS) return THE_TIME_MS;
  if (Math.abs(value * 1000 - Date.now()) < NEAR_MS) return THE_TIME_MS / 1000;
  if (PID.test(key)) return 1;
  return DURATION.test(key) && value !== 0 ? 1 : value;
}
