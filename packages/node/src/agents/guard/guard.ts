/**
 * Keeps what one run of an agent writes to the claims of others (rule W2): asks the gate when the agent asks, before any yes is
 * passed on, and for each file that the node is to read or write; and tells the gate what the agent has read, and when a call is
 * over. All it knows can be lost: asked again, the gate says the same.
 */
import type { AgentEvents } from '@skein/protocol/agents/events';
import { MAX_AGENT_PATHS, MAX_REASON } from '@skein/protocol/agents/limits';
import type { Approval } from '@skein/protocol/agents/state';
import { FOR_NOW, SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { PlacedIn } from '@skein/protocol/workspaces/placed';
import { cut } from '../../drivers/bounds.ts';
import type { FileDone, FileWanted } from '../../drivers/driver.ts';
import type { KnownCall } from '../../drivers/state.ts';
import type { NewEvent } from '../../kernel/types.ts';
import { realPath } from '../../platform/real-path.ts';
import { endsOf } from '../../workspaces/gate/realised.ts';
import type { Refused, Verdict, WriteGate, Writer } from '../../workspaces/gate.ts';
import { optionFor, ruleOf } from '../decide-approvals.ts';
import type { Way } from './way.ts';

/** Milliseconds until the gate is asked again that could not answer. */
const AGAIN_MS = 500;
/** Milliseconds by which what an agent tells of itself may be late. */
const LATE_MS = 100;

const CHANGES: readonly string[] = ['edit', 'delete', 'move'];

export interface Guarded {
  gate: WriteGate;
  writer: Writer;
  workspace: PlacedIn;
  way: Way;
}

/** What is to be passed on for an answer, and told with it. No `option`: the agent offers no way to refuse it, so its turn ends. */
export interface Passed {
  option: string | undefined;
  reason?: string | undefined;
  told: NewEvent[];
}

export class Guard {
  readonly #at: Guarded;
  readonly #wake: () => void;
  /** By approval: what the gate has said, and null while it is being asked. */
  readonly #verdicts = new Map<string, Verdict | null>();
  /** By file that is wanted; likewise. */
  readonly #files = new Map<string, { done: FileDone; told: NewEvent[] } | null>();
  /** Calls that were let through and have not ended, as far as this process knows. */
  readonly #begun = new Set<string>();
  /** What was told as being read in this turn: call and path. */
  readonly #read = new Set<string>();
  #again: NodeJS.Timeout | undefined;
  #stopped = false;
  #also: () => void = () => {};

  /** `wake` is called when there is something new to pass on. */
  constructor(at: Guarded, wake: () => void) {
    this.#at = at;
    this.#wake = wake;
  }

  /** Calls `also` when it is stopped. */
  onStop(also: () => void): void {
    this.#also = also;
  }

  stop(): void {
    this.#stopped = true;
    this.#also();
    clearTimeout(this.#again);
  }

  /** What stands in the way of what is asked; undefined when nothing does. */
  refuse(asked: AgentEvents['approval.asked']): { reason: string; told: NewEvent } | undefined {
    if (!this.binds(asked)) return undefined;
    const refused = tooMany(asked.paths) ?? this.#at.gate.look(this.#at.writer, asked.paths);
    if (refused === undefined) return undefined;
    return { reason: cut(refused.message, MAX_REASON), told: this.refusal(refused, asked.call) };
  }

  /** Whether a yes to this is the gate's as well. */
  binds({ kind, paths }: Pick<AgentEvents['approval.asked'], 'kind' | 'paths'>): boolean {
    return CHANGES.includes(kind) && paths.length > 0;
  }

  /** Whether the agent would have done this unasked, had the node not made it ask. */
  lets({ lets, paths }: Pick<AgentEvents['approval.asked'], 'lets' | 'paths'>): boolean {
    if (lets !== 'inside') return lets === 'anywhere';
    const { cwd } = this.#at.writer;
    const root = realPath(cwd);
    if (root === undefined || paths.length === 0) return false;
    return paths.every((one) => endsOf(root, cwd, one)?.every((end) => end.startsWith(`${root}/`)) === true);
  }

  /** What is to be passed on for an answered question; undefined while the gate is asked. */
  pass(approval: Approval, state: SessionState): Passed | undefined {
    const { answered, options, call } = approval;
    if (answered === null) return undefined;
    const { option, outcome, reason } = answered;
    if (outcome === 'denied' || !this.binds(approval)) return { option, reason, told: [] };
    const verdict = this.#verdicts.get(approval.approval);
    if (verdict === undefined) this.#begin(approval);
    if (verdict === undefined || verdict === null) return undefined;
    if (verdict.ok) return this.#allowed(approval, option, state);
    const { refused } = verdict;
    const told = [this.refusal(refused, call)];
    return { option: optionFor(options, 'deny')?.id, reason: cut(refused.message, MAX_REASON), told };
  }

  /** What has become of the files that the agent wants; begins what was not begun. */
  filed(open: readonly FileWanted[]): { file: string; done: FileDone; told: NewEvent[] }[] {
    for (const file of this.#files.keys())
      if (this.#files.get(file) !== null && open.every((one) => one.file !== file)) this.#files.delete(file);
    return open.flatMap((wanted) => {
      const found = this.#files.get(wanted.file);
      if (found === undefined) this.#perform(wanted);
      return found === undefined || found === null ? [] : [{ file: wanted.file, ...found }];
    });
  }

  /** Lets a call through that one of its hooks asks about; `cwd` is where it is made, if that is told. */
  async begin(call: string, paths: readonly string[], cwd?: string): Promise<Verdict> {
    if (paths.length === 0) return { ok: true, fence: 0 };
    const refused = tooMany(paths);
    if (refused !== undefined) return { ok: false, refused };
    const verdict = await this.#at.gate.begin(this.#writerAt(cwd), call, paths);
    if (verdict.ok) this.#begun.add(call);
    return verdict;
  }

  /** A call has ended, or is not going to be made. */
  over(call: string): void {
    this.#begun.delete(call);
    this.#at.gate.end(this.#at.writer, call);
  }

  /** It reads a file; `at` is when it began to, in milliseconds since 1970, and `cwd` where it is by then. */
  reads(file: string, at: number, cwd?: string): void {
    this.#at.gate.read(this.#writerAt(cwd), file, at);
  }

  #writerAt(cwd: string | undefined): Writer {
    const { writer } = this.#at;
    return cwd ? { ...writer, cwd } : writer;
  }

  /** Of a run that is taken up: whether a turn of it runs. The end of an earlier one was perhaps not told. */
  takenUp(inTurn: boolean): void {
    if (!inTurn) this.#at.gate.turnEnded(this.#at.writer);
  }

  /** News of a step that is not recorded yet: what the agent is about to read. */
  heard(events: readonly NewEvent[], calls: readonly KnownCall[]): void {
    // Who asks for files, or has hooks, says it more exactly.
    if (this.#at.way !== 'asks' && this.#at.way !== 'none') return;
    for (const { type, body } of events) {
      if (type !== 'tool.announced' && type !== 'tool.updated') continue;
      const { call } = body as AgentEvents['tool.updated'];
      const known = calls.find((one) => one.call === call);
      if (known?.kind !== 'read') continue;
      for (const file of known.paths) {
        if (this.#read.has(`${call} ${file}`)) continue;
        this.#read.add(`${call} ${file}`);
        this.reads(file, Math.min(known.began ?? Number.POSITIVE_INFINITY, Date.now() - LATE_MS));
      }
    }
  }

  /** These are recorded: what is over is over for the gate as well. */
  recorded(events: readonly NewEvent[]): void {
    for (const { type, body } of events) {
      if (type === 'tool.finished') this.over((body as AgentEvents['tool.finished']).call);
      if (type === 'approval.resolved')
        this.#verdicts.delete((body as AgentEvents['approval.resolved']).approval);
      if (type !== 'turn.ended' && type !== 'agent.exited') continue;
      for (const call of this.#begun) this.over(call);
      this.#at.gate.turnEnded(this.#at.writer);
      this.#read.clear();
    }
  }

  /** What the session is told of a refusal. */
  refusal({ why, paths, holder, until, message }: Refused, call: string | null): NewEvent {
    const { workspace, writer } = this.#at;
    const there = { workspace: workspace.id, workspaceName: workspace.name };
    const { run, agent } = writer;
    return {
      type: 'claim.refused',
      body: { ...there, run, agent, call, paths, why, holder, until, message },
    };
  }

  #begin({ approval, call, paths }: Approval): void {
    this.#verdicts.set(approval, null);
    this.begin(call, paths).then(
      (verdict) => {
        this.#verdicts.set(approval, verdict);
        this.#wake();
      },
      () => {
        this.#verdicts.delete(approval);
        this.#later();
      },
    );
  }

  /**
   * A yes for always would keep an agent from asking again that is guarded by nothing but its questions: it gets a yes for now, and
   * the session the rule by which the like is answered from now on.
   */
  #allowed(approval: Approval, option: string, state: SessionState): Passed {
    const given = approval.options.find(({ id }) => id === option);
    const once = optionFor(approval.options, 'allow');
    if (this.#at.way !== 'asks' || given?.kind !== 'allow_always' || once?.kind !== 'allow_once')
      return { option, told: [] };
    const rule = ruleOf(state, approval, 'allowed');
    const known = rule === undefined || state.rules.some((one) => one.rule === rule.body.rule);
    return { option: once.id, told: known ? [] : [rule] };
  }

  #perform(wanted: FileWanted): void {
    this.#files.set(wanted.file, null);
    this.#done(wanted).then(
      (done) => {
        this.#files.set(wanted.file, done);
        this.#wake();
      },
      (thrown) => {
        const { code, message } = SkeinError.from(thrown);
        if (FOR_NOW.includes(code)) {
          this.#files.delete(wanted.file);
          return this.#later();
        }
        this.#files.set(wanted.file, { done: { error: { code, message } }, told: [] });
        this.#wake();
      },
    );
  }

  async #done(wanted: FileWanted): Promise<{ done: FileDone; told: NewEvent[] }> {
    const { gate, writer } = this.#at;
    const { file, path: place } = wanted;
    if (wanted.op === 'read') {
      const { line, limit } = wanted;
      const part = { ...(line === null ? {} : { line }), ...(limit === null ? {} : { limit }) };
      return { done: { text: await gate.readText(writer, place, part) }, told: [] };
    }
    const verdict = await gate.writeText(writer, file, place, wanted.text);
    if (verdict.ok) return { done: {}, told: [] };
    const { refused } = verdict;
    const error = { code: refused.why, message: refused.message };
    return { done: { error }, told: [this.refusal(refused, file)] };
  }

  #later(): void {
    if (this.#stopped) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#wake(), AGAIN_MS).unref();
  }
}

/** Of a call that names more files than are told, not all are known. */
function tooMany(paths: readonly string[]): Refused | undefined {
  if (paths.length < MAX_AGENT_PATHS) return undefined;
  const message = `This names ${MAX_AGENT_PATHS} files or more, and not all of them can be told. Change fewer at a time.`;
  return { why: 'unclear', paths: [...paths], holder: null, until: null, message };
}
