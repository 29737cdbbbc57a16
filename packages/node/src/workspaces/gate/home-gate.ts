/**
 * The gate before every write of an agent whose tree was handed over by another machine (rule W6): what it would write is claimed at its
 * home as well, which is asked once for a path and a turn. While home is away, the grant's policy says what becomes of the write.
 */
import { createHash } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { idOf } from '@skein/protocol/ids';
import type { HomeClaim } from '@skein/protocol/machines/claims';
import type { Hosted } from '@skein/protocol/machines/hosted';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import {
  covers,
  foldPattern,
  formatPattern,
  type Pattern,
  parsePattern,
} from '@skein/protocol/workspaces/patterns';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { KernelApi } from '../../kernel/types.ts';
import { askHome, withdraw } from '../../machines/worker/asking.ts';
import type { Refused, Verdict, WriteGate, Writer } from '../gate.ts';
import { patternsOf, refused } from './looking.ts';
import { realise } from './realised.ts';
import { streamOf } from './tables.ts';
import { homeAwayWords, homeHeldWords } from './words.ts';

/** Milliseconds after which home that does not answer is away, where the policy is not to wait; and for which a write is held otherwise. */
const AWAY_MS = 10_000;
const HOLD_MS = 9 * 60_000;

interface Times {
  away: number;
  hold: number;
}

/** What home has let a run write in its turn, under which lease. */
interface Granted {
  epoch: number;
  paths: Set<string>;
}

export class HomeGate implements WriteGate {
  readonly #kernel: KernelApi;
  readonly #here: WriteGate;
  readonly #times: Times;
  /** By run. */
  readonly #granted = new Map<string, Granted>();

  /** `here` is the gate of this machine, which every write passes too. */
  constructor(kernel: KernelApi, here: WriteGate, times: Times = { away: AWAY_MS, hold: HOLD_MS }) {
    this.#kernel = kernel;
    this.#here = here;
    this.#times = times;
  }

  look(writer: Writer, paths: readonly string[]): Refused | undefined {
    return this.#here.look(writer, paths);
  }

  async begin(writer: Writer, call: string, paths: readonly string[]): Promise<Verdict> {
    const no = await this.#ask(writer, call, paths);
    return no === undefined ? this.#here.begin(writer, call, paths) : { ok: false, refused: no };
  }

  end(writer: Writer, call: string): void {
    this.#here.end(writer, call);
  }

  turnEnded(writer: Writer): void {
    this.#granted.delete(writer.run);
    this.#here.turnEnded(writer);
  }

  read(writer: Writer, path: string, at?: number): void {
    this.#here.read(writer, path, at);
  }

  readText(writer: Writer, path: string, part?: { line?: number; limit?: number }): Promise<string> {
    return this.#here.readText(writer, path, part);
  }

  async writeText(writer: Writer, call: string, path: string, text: string): Promise<Verdict> {
    const no = await this.#ask(writer, call, [path]);
    return no === undefined ? this.#here.writeText(writer, call, path, text) : { ok: false, refused: no };
  }

  /** What stands in the way at home; undefined when nothing does, or it is none of home's. */
  async #ask(writer: Writer, call: string, paths: readonly string[]): Promise<Refused | undefined> {
    const table = this.#kernel.peek<WorkspaceState>(streamOf(writer.workspace));
    if (table?.source?.kind !== 'handed') return undefined;
    const { hosted } = (await this.#kernel.state<SessionState>(`session/${writer.session}`)).state;
    if (hosted === null || hosted.agent !== writer.agent) return undefined;
    const wanted = patternsIn(table, writer, paths).filter(
      (one) => !this.#has(writer.run, hosted, table, one),
    );
    if (wanted.length === 0) return undefined;
    const claim: HomeClaim = { paths: [...new Set(wanted.map(formatPattern))] };
    return this.#home(writer, hosted, call, claim);
  }

  /** Under a lease that has ended, or is another one, home may have given it to somebody else. */
  #has(run: string, { epoch, ended }: Hosted, { folds }: WorkspaceState, pattern: Pattern): boolean {
    const granted = this.#granted.get(run);
    if (granted === undefined || granted.epoch !== epoch || ended !== null) return false;
    if (granted.paths.has(formatPattern(pattern))) return true;
    if (pattern.below) return false;
    const path = pattern.segments.join('/');
    return [...granted.paths].some((one) => covers(foldPattern(parsePattern(one), folds), path));
  }

  async #home(
    { session, run, agent }: Writer,
    { epoch, claims, ended, node }: Hosted,
    call: string,
    claim: HomeClaim,
  ): Promise<Refused | undefined> {
    const { paths } = claim;
    // The same call again waits for the same answer.
    const ask = idOf(
      createHash('sha256')
        .update([run, call, ...paths].join('\0'))
        .digest(),
    );
    const patience = claims === 'hold' ? this.#times.hold : ended === null ? this.#times.away : 0;
    const limit = AbortSignal.timeout(patience);
    const known = this.#granted.get(run);
    const granted = known?.epoch === epoch ? known : { epoch, paths: new Set<string>() };
    this.#granted.set(run, granted);
    const answered = await askHome(this.#kernel, session, { ask, kind: 'claim', body: claim }, limit);
    if (answered === undefined) {
      const by = claims === 'local' ? 'policy' : 'withdrawn';
      await withdraw(this.#kernel, session, { ask, by });
      if (claims === 'local') return undefined;
      if (claims === 'stop' && agent !== null) await this.#stop(session, agent);
      return refused('held', paths, homeAwayWords(paths, node));
    }
    if (answered.by !== 'home') return undefined;
    if (answered.error !== undefined) return refused('held', paths, homeHeldWords(answered.error.message));
    // For a turn that has ended meanwhile home has let go of it again: that holds for what was asked, and for nothing after it.
    if (this.#granted.get(run) === granted) for (const path of paths) granted.paths.add(path);
    return undefined;
  }

  /** It may not go on without its home. */
  async #stop(session: string, agent: string): Promise<void> {
    const body = { agent, grace: 5_000 };
    const reply = await this.#kernel.submit(NODE_ITSELF, {
      ...{ target: `session/${session}`, type: 'agent.halted', body },
    });
    if (!reply.ok && reply.error.code === 'internal') throw SkeinError.fromBody(reply.error);
  }
}

/** What these paths lead to within the tree; what cannot be told is this machine's gate's to refuse. */
function patternsIn({ root }: WorkspaceState, { cwd }: Writer, paths: readonly string[]): Pattern[] {
  return patternsOf(paths.flatMap((path) => realise(root, cwd, path) ?? []));
}
