/** Calls let through and ended (rules W2, W3): under claims first, durably, and only then held against what their writer knows. */
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import {
  covers,
  type Folds,
  foldPattern,
  formatPattern,
  parsePattern,
} from '@skein/protocol/workspaces/patterns';
import { runIn } from '@skein/protocol/workspaces/reduce';
import type { Call } from '@skein/protocol/workspaces/state';
import type { KernelApi } from '../../kernel/types.ts';
import type { WriteBegun } from '../decide-writes.ts';
import type { Refused, Writer } from '../gate.ts';
import { look, patternsOf, refused, type Table, unclear } from './looking.ts';
import type { Place } from './realised.ts';
import type { Seen } from './seen.ts';
import { compare, learnWritten } from './stale.ts';
import { streamOf, type Tables } from './tables.ts';
import type { Version } from './versions.ts';

/** Times that a write is tried whose claims changed between the look and the decision. */
const TRIES = 3;

/** All of a writer that matters when a call is over. */
export type Whose = Pick<Writer, 'workspace' | 'run'>;

export type Passed =
  | { ok: true; fence: number; versions: ReadonlyMap<string, Version> }
  | { ok: false; refused: Refused };

/** Where the paths of a call lead now, and what is in the way in other workspaces; or the path of which that cannot be told. */
export type Find = () => { places: Place[]; elsewhere: Refused | undefined } | { given: string };

export class Passing {
  readonly #kernel: KernelApi;
  readonly #tables: Tables;
  /** Of calls that this node has let through: what was there then, by path. */
  readonly #began = new Map<string, ReadonlyMap<string, string>>();

  constructor(kernel: KernelApi, tables: Tables) {
    this.#kernel = kernel;
    this.#tables = tables;
  }

  /**
   * `own` is the version that is to be written, if that is known. Throws what keeps it from being decided:
   * `storage_unavailable`, `mailbox_full`.
   */
  async begin(writer: Writer, call: string, find: Find, own?: string): Promise<Passed> {
    const began = this.#began.get(keyOf(writer, call));
    for (let tries = 1; ; tries += 1) {
      const { table, seen } = await this.#tables.ready(writer.workspace);
      const found = find();
      if ('given' in found) return no(unclear(found.given, 'path'));
      if (found.elsewhere !== undefined) return no(found.elsewhere);
      if (found.places.length === 0) return { ok: true, fence: 0, versions: new Map() };
      const inTheWay = look(table, writer.run, found.places);
      if (inTheWay !== undefined) return no(inTheWay);
      const reply = await this.#record(writer, call, found.places);
      if (!reply.ok) {
        const { code } = reply.error;
        if (LATER.includes(code)) throw SkeinError.fromBody(reply.error);
        if (!CLAIMED.includes(code)) return no(this.#asTold(found.places, reply.error));
        if (tries < TRIES) continue;
        return no(this.#asTold(found.places, reply.error));
      }
      const { fence } = reply.value as WriteBegun;
      const moved = movedSince(found.places, find());
      const { refused: stale, versions } = await compare(table.state, seen, writer, found.places, own);
      // A call that this very node has let through has perhaps written since.
      const why = moved ?? (began === undefined ? stale : undefined);
      if (why !== undefined) {
        await this.#tell(writer, seen, 'write.end', { call });
        return no(why);
      }
      if (began === undefined) {
        const there = Array.from(versions, ([path, { version }]) => [path, version] as const);
        this.#began.set(keyOf(writer, call), new Map(there));
      }
      return { ok: true, fence, versions };
    }
  }

  /** What it wrote is what its writer knows; unless that is `known` already. */
  async end(writer: Whose, call: string, known = false): Promise<void> {
    const { table, seen } = await this.#tables.ready(writer.workspace);
    const open = callsOf(table, writer);
    if (!known && Object.hasOwn(open, call)) await this.#learn(table, seen, writer, call, open[call]);
    this.#began.delete(keyOf(writer, call));
    if (Object.hasOwn(open, call)) await this.#tell(writer, seen, 'write.end', { call });
  }

  /** Calls that nobody has ended are over with their turn. */
  async endTurn(writer: Whose): Promise<void> {
    const { table, seen } = await this.#tables.ready(writer.workspace);
    for (const [call, open] of Object.entries(callsOf(table, writer)))
      await this.#learn(table, seen, writer, call, open);
    this.#forget(writer.run);
    await this.#tell(writer, seen, 'turn.ended', {});
  }

  /** Before others may write there, so that what it knows is its own. */
  async #learn(table: Table, seen: Seen, writer: Whose, call: string, open: Call | undefined): Promise<void> {
    const { state } = table;
    const paths = (open?.paths ?? []).flatMap((pattern) => written(seen, writer.run, pattern, state.folds));
    await learnWritten(state, seen, writer.run, [...new Set(paths)], this.#began.get(keyOf(writer, call)));
  }

  #forget(run: string): void {
    for (const key of this.#began.keys()) if (key.startsWith(`${run}\0`)) this.#began.delete(key);
  }

  #record({ workspace, run }: Writer, call: string, places: readonly Place[]) {
    const paths = patternsOf(places).map(formatPattern);
    const body = { run, call, paths };
    return this.#kernel.submit(NODE_ITSELF, { target: streamOf(workspace), type: 'write.begin', body });
  }

  /** With what the run knows by then, so that neither is recorded without the other. */
  async #tell({ workspace, run }: Whose, seen: Seen, type: string, more: object): Promise<void> {
    const target = streamOf(workspace);
    const reply = await seen.keptWith((cells) =>
      this.#kernel.submit(NODE_ITSELF, { target, type, body: { ...more, run, cells } }),
    );
    if (!reply.ok) throw SkeinError.fromBody(reply.error);
  }

  /** Refused for what no look can tell: too many calls, the workspace's end, or claims that are gone a moment later. */
  #asTold(places: readonly Place[], error: ErrorBody): Refused {
    const why = error.code === 'claimed' ? 'held' : error.code === 'claim_missing' ? 'strict' : 'unclear';
    const paths = places.map(({ path }) => path);
    return refused(why, paths, `Not written: ${error.message}`);
  }
}

/** What the workspace's actor refuses a write with; and what says nothing about it. */
const LATER: readonly string[] = ['storage_unavailable', 'mailbox_full'];
const CLAIMED: readonly string[] = ['claimed', 'claim_missing'];

function callsOf({ state }: Table, { run }: Whose): Record<string, Call> {
  return runIn(state, run)?.calls ?? {};
}

const no = (refused: Refused): Passed => ({ ok: false, refused });

const keyOf = ({ run }: Whose, call: string): string => `${run}\0${call}`;

/** What was linked or moved while it was decided is not what was decided. */
function movedSince(places: readonly Place[], now: ReturnType<Find>): Refused | undefined {
  const same = 'places' in now && now.places.map(({ path }) => path).join('\0');
  const before = places.map(({ path }) => path);
  return same === before.join('\0') ? undefined : unclear(before[0] ?? '', 'moved');
}

/** Of a pattern that a call may have written: its path, or those below it that the run knows. */
function written(seen: Seen, run: string, text: string, folds: Folds): string[] {
  const pattern = parsePattern(text);
  if (!pattern.below) return [pattern.segments.join('/')];
  const folded = foldPattern(pattern, folds);
  return seen.paths(run).filter((path) => covers(folded, path));
}
