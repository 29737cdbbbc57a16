/**
 * Files that the node reads and writes for an agent (rules W2, W3). A write is under the fence of its claims, which is looked at
 * in the very tick in which the file takes its place.
 */
import { SkeinError } from '@skein/protocol/errors';
import { valueAt } from '@skein/protocol/keyed';
import type { NodeState } from '@skein/protocol/sessions/node-state';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { KernelApi } from '../../kernel/types.ts';
import { Swapped } from '../../platform/beneath.ts';
import { realPath } from '../../platform/real-path.ts';
import { workspacesDir } from '../facts.ts';
import type { Refused, Verdict, Writer } from '../gate.ts';
import { lookElsewhere } from './elsewhere.ts';
import { foldPath } from './fold-path.ts';
import { look, refused, type Table, unclear } from './looking.ts';
import { replace, stampOf } from './node-files.ts';
import type { Passing } from './passing.ts';
import { meant, type Place, placeOf, relativeTo } from './realised.ts';
import { streamOf, type Tables } from './tables.ts';
import { partOf, textOf } from './texts.ts';
import { MAX_HASHED, NO_FILE, ofBytes, type Version, versionAt } from './versions.ts';
import { lostWords } from './words.ts';

/** Times that a write is begun anew because something else changed meanwhile. */
const TRIES = 5;

interface PerformedOptions {
  kernel: KernelApi;
  tables: Tables;
  passing: Passing;
  home: string;
}

/** Where a file is: beneath a root, by names that are no links. */
interface At {
  root: string;
  within: string;
  /** It is in the workspace, rather than somewhere else on the machine. */
  inside: boolean;
}

export class Performed {
  readonly #options: PerformedOptions;

  constructor(options: PerformedOptions) {
    this.#options = options;
  }

  async readText(writer: Writer, given: string, part: { line?: number; limit?: number }): Promise<string> {
    const { table, seen } = await this.#options.tables.ready(writer.workspace);
    for (let tries = 1; ; tries += 1) {
      const at = this.#find(writer, table.state, given);
      if (at === undefined) throw cannotTell(given);
      const learn = (version: Pick<Version, 'version' | 'text'>) => {
        if (at.inside) seen.learn(writer.run, foldPath(at.within, table.state.folds), version);
      };
      try {
        const { text, version } = await textOf(at.root, at.within, given);
        learn(version);
        return partOf(text, part);
      } catch (error) {
        if (error instanceof SkeinError && error.code === 'not_found')
          learn({ version: NO_FILE, text: null });
        if (!(error instanceof Swapped)) throw asNotAllowed(error, given, 'read');
        if (tries === TRIES) throw cannotTell(given);
      }
    }
  }

  async writeText(writer: Writer, call: string, given: string, text: string): Promise<Verdict> {
    const bytes = Buffer.from(text);
    if (bytes.length > MAX_HASHED)
      throw new SkeinError('too_large', `${given} would have more than ${MAX_HASHED} bytes.`);
    for (let tries = 1; ; tries += 1) {
      const { table } = await this.#options.tables.ready(writer.workspace);
      const at = this.#find(writer, table.state, given);
      if (at === undefined) return { ok: false, refused: unclear(given, 'path') };
      try {
        const done = at.inside
          ? await this.#inside(writer, call, given, at, bytes)
          : await this.#outside(writer, table, at, bytes);
        if (done !== 'again') return done;
      } catch (error) {
        if (!(error instanceof Swapped)) throw asNotAllowed(error, given, 'written');
      }
      if (tries === TRIES) return { ok: false, refused: unclear(given, 'moved') };
    }
  }

  /** Under claims, in the workspace. `again`: something changed between the look and the write. */
  async #inside(
    writer: Writer,
    call: string,
    given: string,
    { root, within }: At,
    bytes: Buffer,
  ): Promise<Verdict | 'again'> {
    const { tables, passing } = this.#options;
    const places = (): Place[] => [placeOf(root, within)];
    const elsewhere = () => this.#elsewhere(writer, `${root}/${within}`);
    if (places()[0]?.is === 'directory') throw notAFile(given);
    const wanted = ofBytes(bytes);
    const passed = await passing.begin(
      writer,
      call,
      () => ({ places: places(), elsewhere: elsewhere() }),
      wanted.version,
    );
    if (!passed.ok) return passed;
    const { table, seen } = await tables.ready(writer.workspace);
    const learn = () => seen.learn(writer.run, foldPath(within, table.state.folds), wanted);
    try {
      const there = passed.versions.get(within);
      // Done before: asked again, as after a crash, it is done again by leaving it.
      if (there?.version === wanted.version) learn();
      else {
        const permit = () => this.#fenced(writer, call, places()) ?? elsewhere();
        const replaced = await replace(root, within, bytes, there?.stamp ?? stampOf(undefined), permit);
        if (!replaced.done) return 'changed' in replaced ? 'again' : { ok: false, refused: replaced.refused };
        learn();
      }
      return { ok: true, fence: passed.fence };
    } finally {
      await passing.end(writer, call, true);
    }
  }

  /** Anywhere else nobody claims anything: as the agent would have written it itself, where it may. */
  async #outside(
    writer: Writer,
    { state }: Table,
    { root, within }: At,
    bytes: Buffer,
  ): Promise<Verdict | 'again'> {
    const run = Object.hasOwn(state.runs, writer.run) ? state.runs[writer.run] : undefined;
    if (run?.strength.shell === 'enforced')
      throw new SkeinError(
        'not_allowed',
        `/${within} is outside of the workspace: in a sandbox it may not be written.`,
      );
    const permit = () => this.#elsewhere(writer, `/${within}`);
    const held = permit();
    if (held !== undefined) return { ok: false, refused: held };
    const there = await versionAt(root, within);
    if (there.version === ofBytes(bytes).version) return { ok: true, fence: 0 };
    const replaced = await replace(root, within, bytes, there.stamp, permit);
    if (replaced.done) return { ok: true, fence: 0 };
    return 'changed' in replaced ? 'again' : { ok: false, refused: replaced.refused };
  }

  #elsewhere(writer: Writer, real: string): Refused | undefined {
    const { kernel, tables } = this.#options;
    return lookElsewhere(tables, kernel.peek<NodeState>('node'), writer, [real]);
  }

  /** Undefined where it cannot be told. Throws `not_allowed` for what is the node's own, but the workspaces that it has made. */
  #find(writer: Writer, { root }: WorkspaceState, given: string): At | undefined {
    const real = meant(writer.cwd, given);
    if (real === undefined) return undefined;
    const within = relativeTo(root, real);
    if (within === '') throw notAFile(given);
    if (within !== undefined) return { root: realPath(root) ?? root, within, inside: true };
    const { home } = this.#options;
    if (real === home || (real.startsWith(`${home}/`) && !real.startsWith(`${workspacesDir(home)}/`)))
      throw new SkeinError('not_allowed', `${given} is Skein's own: no agent reads or writes it.`);
    return { root: '/', within: real.slice(1), inside: false };
  }

  /** Asked in the tick of the write: whether its claims still hold, in what is durable. */
  #fenced(writer: Writer, call: string, places: readonly Place[]): Refused | undefined {
    const state = this.#options.kernel.peek<WorkspaceState>(streamOf(writer.workspace));
    const table = this.#options.tables.now(writer.workspace);
    if (state === undefined || table === undefined) return unclear(places[0]?.path ?? '', 'loading');
    const calls = Object.hasOwn(state.runs, writer.run) ? state.runs[writer.run]?.calls : undefined;
    const open = calls !== undefined && Object.hasOwn(calls, call) ? calls[call] : undefined;
    if (open?.claims.every((claim) => valueAt(state.claims, claim) !== undefined) === true) return undefined;
    return look(table, writer.run, places) ?? lost(places);
  }
}

/** Nobody else holds it, but the claim that the call was under is gone. */
function lost(places: readonly Place[]): Refused {
  const paths = places.map((place) => place.path);
  return refused('held', paths, lostWords(paths));
}

function notAFile(given: string): SkeinError {
  return new SkeinError('not_allowed', `${given} is a directory.`);
}

function cannotTell(given: string): SkeinError {
  return new SkeinError('not_allowed', unclear(given, 'path').message);
}

/** What the system has against it, as an agent can be told. */
function asNotAllowed(error: unknown, given: string, done: 'read' | 'written'): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof SkeinError || typeof code !== 'string') return error;
  return new SkeinError('not_allowed', `${given} cannot be ${done} here: ${code}.`, { errno: code });
}
