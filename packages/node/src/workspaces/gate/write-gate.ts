/**
 * The gate before every write (rules W2, W3): what others have claimed is looked at, calls are let through durably and held
 * against the versions that their writers know, and files are read and written for agents that do not do so themselves.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { FOR_NOW, SkeinError } from '@skein/protocol/errors';
import { type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import { MAX_PATHS } from '@skein/protocol/workspaces/limits';
import type { KernelApi } from '../../kernel/types.ts';
import type { Log } from '../../node-log.ts';
import { realPath } from '../../platform/real-path.ts';
import type { Refused, Verdict, WriteGate, Writer } from '../gate.ts';
import { lookElsewhere } from './elsewhere.ts';
import { look, unclear } from './looking.ts';
import { type Find, Passing } from './passing.ts';
import { Performed } from './performed.ts';
import { endsOf, placesOf, realise } from './realised.ts';
import { learnRead } from './stale.ts';
import { Tables, type TimeLeft } from './tables.ts';
import { Turns } from './turns.ts';
import { endUnfinished } from './unfinished.ts';

interface WriteGatesOptions {
  kernel: KernelApi;
  /** SKEIN_HOME. */
  home: string;
  left: TimeLeft;
  log: Log;
}

/** Milliseconds until what the log did not take is tried again. */
const AGAIN_MS = 500;

/** Of one node. What one run asks for is done in the order in which it is asked. */
export class WriteGates implements WriteGate {
  readonly #options: WriteGatesOptions;
  readonly #tables: Tables;
  readonly #passing: Passing;
  readonly #performed: Performed;
  readonly #turns = new Turns();
  readonly #stopping = new AbortController();

  constructor(options: WriteGatesOptions) {
    const { kernel, left, home } = options;
    this.#options = options;
    this.#tables = new Tables(kernel, left);
    this.#passing = new Passing(kernel, this.#tables);
    this.#performed = new Performed({
      kernel,
      home: realPath(home) ?? home,
      tables: this.#tables,
      passing: this.#passing,
    });
  }

  /** Takes up what an earlier node has left: once all actors are registered, and the sessions are as they are. */
  async start(): Promise<void> {
    const { kernel, log } = this.#options;
    const { state } = await kernel.state<NodeState>('node');
    for (const { id, life } of workspacesIn(state)) {
      if (life !== 'ready' && life !== 'preparing') continue;
      try {
        const { table } = await this.#tables.ready(id);
        const end = (run: string, call: string) => this.#passing.end({ workspace: id, run }, call);
        const ended = await endUnfinished(kernel, table.state, end);
        if (ended > 0) log('info', 'Calls that had been let through are over.', { workspace: id, ended });
      } catch (thrown) {
        const { message } = SkeinError.from(thrown);
        log('warn', 'What may be written in a workspace is not known yet.', {
          workspace: id,
          error: message,
        });
      }
    }
  }

  /** Keeps what its runs know; resolves when that is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#tables.saved();
    this.#tables.stop();
  }

  /** Resolves when all that was asked for is done and kept. */
  async idle(): Promise<void> {
    await this.#turns.idle();
    await this.#tables.saved();
  }

  look(writer: Writer, paths: readonly string[]): Refused | undefined {
    const table = this.#tables.now(writer.workspace);
    if (table === undefined) return unclear(paths[0] ?? '', 'loading');
    const found = this.#find(table.state.root, writer, paths);
    if ('given' in found) return unclear(found.given, 'path');
    if (found.elsewhere !== undefined || found.places.length === 0) return found.elsewhere;
    return look(table, writer.run, found.places);
  }

  begin(writer: Writer, call: string, paths: readonly string[]): Promise<Verdict> {
    return this.#asked(writer, paths, async () => {
      const { table } = await this.#tables.ready(writer.workspace);
      const again: Find = () => this.#find(table.state.root, writer, paths);
      const passed = await this.#passing.begin(writer, call, again);
      return passed.ok ? { ok: true, fence: passed.fence } : passed;
    });
  }

  end(writer: Writer, call: string): void {
    this.#later(writer, () => this.#passing.end(writer, call));
  }

  turnEnded(writer: Writer): void {
    this.#later(writer, () => this.#passing.endTurn(writer));
  }

  read(writer: Writer, path: string, at?: number): void {
    this.#later(writer, async () => {
      const { table, seen } = await this.#tables.ready(writer.workspace);
      const places = realise(table.state.root, writer.cwd, path);
      if (places !== undefined) await learnRead(table.state, seen, writer.run, places, at);
    });
  }

  readText(writer: Writer, path: string, part: { line?: number; limit?: number } = {}): Promise<string> {
    return this.#turns.after(writer.run, () => this.#performed.readText(writer, path, part));
  }

  writeText(writer: Writer, call: string, path: string, text: string): Promise<Verdict> {
    return this.#asked(writer, [path], () => this.#performed.writeText(writer, call, path, text));
  }

  /** A workspace that is there no more lets nothing through, and no further asking helps. */
  #asked(writer: Writer, paths: readonly string[], work: () => Promise<Verdict>): Promise<Verdict> {
    return this.#turns.after(writer.run, () =>
      this.#tables.ready(writer.workspace).then(work, (thrown) => {
        if (SkeinError.from(thrown).code !== 'not_found') throw thrown;
        return { ok: false, refused: unclear(paths[0] ?? '', 'absent') };
      }),
    );
  }

  /** What nobody waits for is tried until it is done, as far as trying can help. */
  #later(writer: Writer, work: () => Promise<void>): void {
    this.#turns.after(writer.run, work).catch(async (thrown) => {
      const { code, message } = SkeinError.from(thrown);
      if (FOR_NOW.includes(code) && !this.#stopping.signal.aborted) {
        await sleep(AGAIN_MS, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
        if (!this.#stopping.signal.aborted) this.#later(writer, work);
        return;
      }
      const { run, workspace } = writer;
      const about = { run, workspace, error: message };
      this.#options.log('warn', 'What an agent did with a file was not noted.', about);
    });
  }

  /** All that the paths of a call lead to, each once. */
  #find(root: string, writer: Writer, paths: readonly string[]): ReturnType<Find> {
    const ends = new Set<string>();
    for (const [n, given] of paths.entries()) {
      const found = n < MAX_PATHS ? endsOf(root, writer.cwd, given) : undefined;
      if (found === undefined) return { given };
      for (const end of found) ends.add(end);
    }
    const places = placesOf(root, [...ends]);
    if (places === undefined || places.length > MAX_PATHS) return { given: paths[0] ?? '' };
    const node = this.#options.kernel.peek<NodeState>('node');
    return { places, elsewhere: lookElsewhere(this.#tables, node, writer, [...ends]) };
  }
}
