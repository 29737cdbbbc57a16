/**
 * One run of an agent, driven (rules A2, A4, A5, H3): its output through the driver into the log, what the session wants of
 * it through the driver into its input. Everything it knows can be lost: it begins again from what the log holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PromptPart } from '@skein/protocol/agents/life-events';
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { type Driver, restore, type StartSpec } from '../drivers/driver.ts';
import { MAX_LINE } from '../drivers/state.ts';
import { readJournal } from '../host/journal-files.ts';
import { readExit, runDir } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { KernelApi, Reply } from '../kernel/types.ts';
import { grantRight } from '../sessions/rights.ts';
import { Composing, type Judge } from './composing.ts';
import { type Kept, readKept, readWrites, stateKey, writePrefix } from './driver-cells.ts';
import { driverOf } from './drivers.ts';
import { HostPipe } from './host-pipe.ts';
import { Intake } from './intake.ts';
import { Outbox } from './outbox.ts';
import { readEvent } from './read-event.ts';

/** Milliseconds between two transactions of one agent that only tells: what streams is gathered. */
const PACE_MS = 16;
/** Milliseconds until what failed is tried again. */
const AGAIN_MS = 500;
/** Bytes of output that may be looked at and mean nothing before that is recorded. */
const UNRECORDED = 1024 * 1024;
/** Bytes read at once of a journal whose host is gone. */
const READ = 256 * 1024;

export interface AgentRunContext {
  kernel: KernelApi;
  hosts: HostPool;
  home: string;
  version: string;
  judge(state: SessionState, agent: AgentState): Judge;
  /** The run is over, and all of it recorded. */
  over(run: string): void;
  log(level: 'info' | 'warn', message: string, data?: Record<string, unknown>): void;
}

export class AgentRun {
  readonly session: string;
  readonly agent: string;
  readonly run: string;
  readonly host: string;
  readonly #context: AgentRunContext;
  #driver: Driver | undefined;
  #kept: Kept | undefined;
  /** The driver's offset as the log has it. */
  #recorded = 0;
  #intake = new Intake(0, MAX_LINE);
  #outbox = new Outbox();
  /** Offsets of writes that have arrived and are still kept. */
  #arrived: number[] = [];
  #pipe: HostPipe | undefined;
  #exit: { code: number | null; signal: number | null } | undefined;
  /** Its host is gone: what there is of it is on disk. */
  #orphaned = false;
  #working = false;
  #woken = false;
  #stopped = false;
  #lastCommit = 0;
  #movedAt = Date.now();
  #quiet: NodeJS.Timeout | undefined;

  constructor(context: AgentRunContext, session: string, agent: string, run: { run: string; host: string }) {
    this.#context = context;
    this.session = session;
    this.agent = agent;
    this.run = run.run;
    this.host = run.host;
  }

  /** Looks at what there is to do: called whenever there may be something. */
  wake(): void {
    this.#woken = true;
    if (!this.#working && !this.#stopped) void this.#work();
  }

  /** The host has ended; called once that is certain. */
  hostLost(): void {
    this.#orphaned = true;
    this.#pipe?.close();
    this.#pipe = undefined;
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#quiet);
    this.#pipe?.close();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#woken && !this.#stopped) {
      this.#woken = false;
      try {
        if (this.#driver === undefined) await this.#load();
        while (!this.#stopped && (await this.#once()));
      } catch (thrown) {
        await this.#failed(SkeinError.from(thrown));
      }
    }
    this.#working = false;
  }

  /** From what the log holds: the driver's state, and what may not have arrived; for a new run, its beginning. */
  async #load(): Promise<void> {
    const { kernel } = this.#context;
    const stream = `session/${this.session}`;
    const agent = await this.#agent();
    if (agent?.run?.driver === undefined) return this.stop();
    const driver = driverOf(agent.run.driver);
    const stored = (await kernel.cells(stream, stateKey(this.run))).get(stateKey(this.run));
    this.#outbox = new Outbox();
    this.#arrived = [];
    if (stored === undefined) {
      const stepped = driver.start(specOf(agent, this.#context.version));
      const first = this.#compose(driver, { state: stepped.state, choices: agent.chosen.n }, agent);
      first.start(stepped);
      await this.#commit(first, agent);
    } else {
      const { state, choices } = readKept(stored);
      this.#kept = { state: restore(driver, state), choices };
      this.#recorded = this.#kept.state.consumed;
      this.#outbox.add(readWrites(this.run, await kernel.cells(stream, writePrefix(this.run))));
    }
    this.#driver = driver;
    if (this.#orphaned) this.#readLeft();
    else await this.#connect();
  }

  async #connect(): Promise<void> {
    const from = this.#kept?.state.consumed ?? 0;
    this.#intake = new Intake(from, this.#kept?.state.maxLine ?? MAX_LINE);
    const right = { run: this.run, host: this.host, role: 'write' as const, who: 'driver', floor: 0 };
    const { socket, token } = await grantRight(this.#context.hosts, right);
    if (this.#stopped) return;
    const pipe = new HostPipe(socket, token, from, {
      opened: (accepted) => {
        this.#arrived.push(...this.#outbox.opened(accepted, (offset, bytes) => pipe.input(offset, bytes)));
      },
      output: (offset, bytes) => {
        this.#intake.push(offset, bytes);
        this.wake();
      },
      accepted: (offset) => {
        this.#arrived.push(...this.#outbox.accepted(offset));
      },
      exit: (code, signal, offset) => {
        this.#intake.ends(offset);
        this.#exit = { code, signal };
        this.wake();
      },
      closed: () => {
        this.#pipe = undefined;
        this.#outbox.closed();
        if (this.#stopped || this.#exit !== undefined) return;
        // Its host has ended, which will be told; or only this connection has.
        setTimeout(() => this.#reconnect(), AGAIN_MS).unref();
      },
    });
    this.#pipe = pipe;
  }

  #reconnect(): void {
    if (this.#stopped || this.#orphaned || this.#pipe !== undefined) return;
    this.#driver = undefined;
    this.wake();
  }

  /** What a host that is gone has left on disk of the output, and of how it ended. */
  #readLeft(): void {
    const dir = runDir(this.#context.home, this.run);
    this.#intake = new Intake(this.#kept?.state.consumed ?? 0, this.#kept?.state.maxLine ?? MAX_LINE);
    for (;;) {
      const found = readJournal(`${dir}/journal`, this.#intake.received, READ);
      if (found.kind !== 'bytes' || found.bytes.length === 0) break;
      this.#intake.push(found.offset, found.bytes);
    }
    this.#intake.ends(this.#intake.received);
    const { code, signal } = readExit(dir) ?? { code: null, signal: null };
    this.#exit = { code, signal };
  }

  /** One transaction, if there is anything to be done. */
  async #once(): Promise<boolean> {
    const [driver, kept] = [this.#driver, this.#kept];
    if (driver === undefined || kept === undefined) return false;
    const wait = PACE_MS - (performance.now() - this.#lastCommit);
    if (!this.#intake.idle && wait > 0) await sleep(wait);
    const state = await this.#session();
    const agent = state.agents[this.agent];
    if (agent?.run?.run !== this.run || agent.run.ended) {
      this.stop();
      this.#context.over(this.run);
      return false;
    }
    const step = this.#compose(driver, kept, agent, state);
    for (const { offset, bytes } of this.#intake.take()) step.step({ type: 'output', offset, bytes });
    if (this.#exit !== undefined && this.#intake.exhausted) this.#end(step, this.#exit);
    else {
      step.heed(agent, state);
      const [first] = agent.queue;
      if (first !== undefined && step.wantsPrompt(agent))
        step.give(first.prompt, first.offset, await this.#partsOf(first.offset));
    }
    if (step.kept === kept) return false;
    const unrecorded = step.kept.state.consumed - this.#recorded;
    if (step.matters || step.kept.choices !== kept.choices || unrecorded > UNRECORDED)
      await this.#commit(step, agent);
    else this.#kept = step.kept;
    this.#pipe?.consumed(this.#intake.taken);
    return !this.#stopped;
  }

  #end(step: Composing, { code, signal }: { code: number | null; signal: number | null }): void {
    step.step({ type: 'output', ...this.#intake.rest(), end: true });
    const stderr = readExit(runDir(this.#context.home, this.run))?.stderr ?? '';
    if (stderr !== '') step.step({ type: 'stderr', bytes: new TextEncoder().encode(stderr) });
    step.step({ type: 'exit', code, signal });
  }

  async #commit(step: Composing, agent: AgentState): Promise<void> {
    const { kernel } = this.#context;
    const { exited, events, prompt } = step;
    const arrived = this.#arrived.splice(0);
    const type = exited && this.#orphaned ? 'agent.vanished' : 'agent.stepped';
    const body = {
      ...{
        run: this.run,
        events,
        cells: step.cells(exited, exited ? this.#allWrites(step, arrived) : arrived),
      },
      ...(prompt === undefined ? {} : { prompt }),
      ...(type === 'agent.vanished' ? { why: 'Its host ended without telling how it did.' } : {}),
    };
    const reply: Reply = await kernel.submit(NODE_ITSELF, { target: `session/${this.session}`, type, body });
    if (!reply.ok) throw SkeinError.fromBody(reply.error);
    this.#kept = step.kept;
    this.#recorded = step.kept.state.consumed;
    this.#lastCommit = performance.now();
    this.#outbox.add(step.writes);
    this.#pipe?.kept(this.#recorded);
    if (events.length > 0) this.#movedAt = Date.now();
    this.#watchQuiet(agent);
    if (!exited) return;
    this.stop();
    this.#context.over(this.run);
  }

  #allWrites(step: Composing, arrived: readonly number[]): number[] {
    return [...arrived, ...this.#outbox.offsets, ...step.writes.map(({ offset }) => offset)];
  }

  /** Tells when nothing has come for too long in a turn that waits for nobody. */
  #watchQuiet({ stuckAfter }: AgentState): void {
    clearTimeout(this.#quiet);
    if (stuckAfter === 0 || this.#kept?.state.turn === null || (this.#kept?.state.approvals.length ?? 0) > 0)
      return;
    const left = Math.max(0, this.#movedAt + stuckAfter - Date.now());
    this.#quiet = setTimeout(() => {
      const body = { run: this.run, ms: Date.now() - this.#movedAt };
      const target = `session/${this.session}`;
      void this.#context.kernel.submit(NODE_ITSELF, { target, type: 'agent.quiet', body });
    }, left).unref();
  }

  /** What could not be recorded is done again from what was; what can never be is the end of the run. */
  async #failed(error: SkeinError): Promise<void> {
    if (this.#stopped) return;
    this.#driver = undefined;
    this.#pipe?.close();
    this.#pipe = undefined;
    if (error.code === 'output_gap' || error.code === 'driver_mismatch') return this.#giveUp(error);
    if (error.code !== 'gone')
      this.#context.log('warn', 'An agent could not be driven on; trying again.', {
        agent: this.agent,
        error: error.message,
      });
    await sleep(error.code === 'gone' ? 0 : AGAIN_MS, undefined, { ref: false });
    this.#woken = true;
  }

  /** Nobody can drive it: its process is ended, so that it does nothing that nobody sees. */
  async #giveUp(error: SkeinError): Promise<void> {
    const { kernel, hosts, log } = this.#context;
    log('warn', 'An agent is given up.', { agent: this.agent, error: error.message });
    const fault = { run: this.run, turn: null, code: error.code, message: error.message };
    const exited = { run: this.run, code: null, signal: null, stderr: '' };
    const events = [
      { type: 'agent.fault', body: fault },
      { type: 'agent.exited', body: exited },
    ];
    await hosts
      .get(this.host)
      .request('signal', { run: this.run, signal: 'SIGKILL' })
      .catch(() => {});
    const body = {
      run: this.run,
      events,
      cells: [{ key: stateKey(this.run), value: null }],
      why: error.message,
    };
    await kernel.submit(NODE_ITSELF, { target: `session/${this.session}`, type: 'agent.vanished', body });
    this.stop();
    this.#context.over(this.run);
  }

  #compose(driver: Driver, kept: Kept, agent: AgentState, state?: SessionState): Composing {
    const judge: Judge = state === undefined ? () => undefined : this.#context.judge(state, agent);
    return new Composing(driver, kept, this.agent, judge);
  }

  async #partsOf(offset: number): Promise<PromptPart[]> {
    const { body } = await readEvent(this.#context.kernel, `session/${this.session}`, offset);
    return (body as { parts: PromptPart[] }).parts;
  }

  async #session(): Promise<SessionState> {
    return (await this.#context.kernel.state<SessionState>(`session/${this.session}`)).state;
  }

  async #agent(): Promise<AgentState | undefined> {
    const agent = (await this.#session()).agents[this.agent];
    return agent?.run?.run === this.run && !agent.run.ended ? agent : undefined;
  }
}

function specOf({ cwd, run }: AgentState, version: string): StartSpec {
  if (run === null) throw new SkeinError('internal', 'An agent without a run cannot be started.');
  const { resume, known, mode, model, options } = run;
  return {
    ...{ run: run.run, cwd, client: { name: 'skein', version } },
    ...(resume === null ? {} : { resume: { session: resume, history: known ? 'known' : 'tell' } as const }),
    ...(mode === undefined ? {} : { mode }),
    ...(model === undefined ? {} : { model }),
    ...(options === undefined ? {} : { options }),
  };
}
