/** What a measurement says: one row of the table, one line of JSON. */

export interface Row {
  /** The row of the targets, such as P1. */
  id: string;
  what: string;
  unit: string;
  /** Null when it could not be measured; `note` then says why. */
  ours: number | null;
  peer: number | null;
  /** ours / peer, or for rates as well: above 1 is more. */
  ratio: number | null;
  target: string;
  met: boolean | null;
  extra?: Record<string, number | string>;
  note?: string;
}

export interface BenchOptions {
  /** Fewer repetitions: for looking, not for telling. */
  quick: boolean;
  /** Says what is being done, for a person who waits. */
  say: (line: string) => void;
}

/** A family of rows, under every id that asks for it. */
export interface Family {
  ids: readonly string[];
  run(options: BenchOptions): Promise<Row[]>;
}

interface Figures {
  id: string;
  what: string;
  unit: string;
  ours: number | undefined;
  peer: number | undefined;
  target: string;
  /** Decides from both figures; asked only when both are there, or `alone` is set and ours is. */
  met: (ours: number, ratio: number) => boolean;
  /** The target does not need the peer. */
  alone?: boolean;
  extra?: Record<string, number | string>;
  notes?: (string | undefined)[];
}

export function row(figures: Figures): Row {
  const { id, what, unit, target, extra } = figures;
  const ours = figures.ours ?? null;
  const peer = figures.peer ?? null;
  const ratio = ours !== null && peer !== null && peer !== 0 ? ours / peer : null;
  const decidable = ours !== null && (ratio !== null || figures.alone === true);
  const met = decidable ? figures.met(ours, ratio ?? Number.NaN) : null;
  const notes = (figures.notes ?? []).filter((note) => note !== undefined);
  return {
    ...{ id, what, unit, ours: round(ours), peer: round(peer), ratio: round(ratio), target, met },
    ...(extra === undefined ? {} : { extra: roundAll(extra) }),
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}

function round(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

function roundAll(extra: Record<string, number | string>): Record<string, number | string> {
  const entries = Object.entries(extra).map(([name, value]) => [
    name,
    typeof value === 'number' ? Number(value.toPrecision(4)) : value,
  ]);
  return Object.fromEntries(entries);
}
