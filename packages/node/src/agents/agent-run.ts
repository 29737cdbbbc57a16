/**
 * One run of an agent, driven (rules A2, A4, A5): its output through the driver into the log, what the session wants of it
 * through the driver into its input. Everything it knows can be lost: it begins again from what the log holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PromptPart } from '@skein/protocol/agents/life-events';
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { type Driver, filesOf, restore } from '../drivers/driver.ts';
import type { AgentRunContext } from './agent-run-context.ts';
import { Composing } from './composing.ts';
import { Dismissal } from './dismissal.ts';
import { type Kept, readKept, readWrites, stateKey, writePrefix } from './driver-cells.ts';
import { driverOf } from './drivers.ts';
import { giveUp } from './giving-up.ts';
import type { Guard } from './guard/guard.ts';
import { guardOf } from './guard/guard-of.ts';
import type { Exit, Link } from './link.ts';
import { Pace } from './pace.ts';
import { placesToTell } from './policy/located.ts';
import { Quiet } from './quiet.ts';
import { readEvent } from './read-event.ts';
import { RunLink } from './run-link.ts';
import { Settling } from './settling.ts';
import { specOf } from './start-spec.ts';
import { TerminalLink } from './terminal-link.ts';

/** Milliseconds until what failed is tried again. */
const AGAIN_MS = 500;
/** What no further try can mend. */
const HOPELESS: readonly string[] = ['output_gap', 'driver_mismatch', 'driver_lost'];
/** Bytes of output that may be looked at and mean nothing before that is recorded. */
const UNRECORDED = 1024 * 1024;

export class AgentRun {
  readonly agent: string;
  readonly run: string;
  readonly host: string;
  /** It runs in its session's terminal, whose end and leavings are the session's business. */
  readonly terminal: boolean;
  readonly #stream: string;
  readonly #context: AgentRunContext;
  #driver: Driver | undefined;
  #kept: Kept | undefined;
  /** The driver's offset as the log has it. */
  #recorded = 0;
  readonly #dismissal: Dismissal;
  #guard: Guard | undefined;
  readonly #settling = new Settling(() => this.wake());
  #link: Link;
  /** Its host is gone: what there is of it is on disk. */
  #orphaned = false;
  #working = false;
  #woken = false;
  #stopped = false;
  readonly #pace = new Pace();
  readonly #quiet = new Quiet(
    (ms) => void this.#submit('agent.quiet', { run: this.run, ms }).catch(() => {}),
  );
  #again: NodeJS.Timeout | undefined;

  constructor(
    context: AgentRunContext,
    session: string,
    agent: string,
    run: { run: string; host: string; terminal: boolean },
  ) {
    this.#context = context;
    this.#stream = `session/${session}`;
    this.agent = agent;
    this.run = run.run;
    this.host = run.host;
    this.#dismissal = new Dismissal(context.hosts, run.host, run.run);
    this.terminal = run.terminal;
    this.#link = this.#newLink();
  }

  /** Looks at what there is to do: called whenever there may be something. */
  wake(): void {
    this.#woken = true;
    if (!this.#working && !this.#stopped) void this.#work();
  }

  /** The host has ended; called once that is certain. */
  hostLost(): void {
    if (this.#orphaned) return;
    this.#orphaned = true;
    this.#startOver();
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#quiet.stop();
    clearTimeout(this.#again);
    this.#dismissal.stop();
    this.#settling.stop();
    this.#guard?.stop();
    this.#link.close();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#woken && !this.#stopped) {
      this.#woken = false;
      try {
        if (this.#driver === undefined) await this.#load();
        while (!this.#stopped && this.#driver !== undefined && (await this.#once(this.#driver)));
      } catch (thrown) {
        await this.#failed(SkeinError.from(thrown));
      }
    }
    this.#working = false;
  }

  /** From what the log holds: the driver's state, and what may not have arrived; for a new run, its beginning. */
  async #load(): Promise<void> {
    const { kernel, home, version } = this.#context;
    const state = await this.#session();
    const agent = this.#present(state);
    if (agent?.run?.driver === undefined) return this.#over();
    await this.#context.policies.prepare();
    this.#guard ??= guardOf(this.#context, this.#stream, agent, () => this.wake());
    const driver = driverOf(agent.run.driver);
    const link = this.#link;
    let stored = (await kernel.cells(this.#stream, stateKey(this.run))).get(stateKey(this.run));
    if (stored?.length === 0) {
      const stepped = driver.start(specOf(agent, home, version));
      const { n: choices } = agent.chosen;
      const first = new Composing(driver, { state: stepped.state, choices }, this.agent, () => undefined);
      first.start(stepped);
      await this.#commit(first, agent);
      stored = (await kernel.cells(this.#stream, stateKey(this.run))).get(stateKey(this.run));
    }
    if (stored === undefined)
      throw new SkeinError('driver_lost', 'What was kept of its driver was lost with a part of the log.');
    const kept = readKept(stored);
    this.#kept = { state: restore(driver, kept.state), choices: kept.choices };
    this.#recorded = this.#kept.state.consumed;
    const writes = readWrites(this.run, await kernel.cells(this.#stream, writePrefix(this.run)));
    if (this.#orphaned) link.openLeft(this.#kept.state);
    else await link.open(this.#kept.state, writes, state);
    this.#driver = driver;
    this.#quiet.watch(agent.stuckAfter, this.#kept?.state, this.terminal);
    if (this.#kept.state.life === 'deaf' && !this.#orphaned && !this.terminal) this.#dismissal.begin();
  }

  /** One transaction, if there is anything to be done. */
  async #once(driver: Driver): Promise<boolean> {
    const kept = this.#kept as Kept;
    const link = this.#link;
    const wait = this.#pace.wait(link.plenty);
    if (!link.idle && wait > 0) await sleep(wait);
    const state = await this.#session();
    const agent = this.#present(state);
    if (agent === undefined) {
      this.#over();
      return false;
    }
    if (link !== this.#link) return false;
    const judge = this.#context.policies.judge(state, agent);
    const step = new Composing(driver, kept, this.agent, judge, this.#guard, placesToTell(state, agent));
    this.#pace.begin();
    for (const input of link.take(state)) step.step(input);
    if (step.kept !== kept) this.#settling.heard();
    if (link.ended !== undefined) this.#end(step, link.ended);
    else {
      for (const { file, done, told } of this.#guard?.filed(filesOf(step.kept.state)) ?? []) {
        step.tell(...told);
        step.step({ type: 'file', file, done });
      }
      step.heed(agent, state);
      const [first] = agent.queue;
      const wants = step.wantsPrompt(agent) && link.fresh();
      if (first !== undefined && wants && this.#settling.isOver(agent.run?.resume !== null))
        step.give(first.prompt, first.offset, await this.#partsOf(first.offset));
    }
    if (step.kept === kept) {
      // The end of a long line comes only when its beginning is taken.
      link.flow(kept.state);
      return false;
    }
    this.#guard?.heard(step.events, step.kept.state.calls);
    const unrecorded = step.kept.state.consumed - this.#recorded;
    if (step.matters || step.kept.choices !== kept.choices || unrecorded > UNRECORDED)
      await this.#commit(step, agent);
    else this.#kept = step.kept;
    link.flow(step.kept.state);
    return true;
  }

  #end(step: Composing, { code, signal }: Exit): void {
    for (const input of this.#link.rest()) step.step(input);
    step.step({ type: 'exit', code, signal });
  }

  async #commit(step: Composing, agent: AgentState): Promise<void> {
    const { exited, events, prompt, deaf } = step;
    const link = this.#link;
    const gone = exited ? [...link.unsent, ...step.writes.map(({ offset }) => offset)] : [];
    const cells = step.cells(exited, [...link.arrived(), ...gone]);
    const body = { run: this.run, events, cells, deaf, ...(prompt === undefined ? {} : { prompt }) };
    if (exited && this.#orphaned)
      await this.#submit('agent.vanished', { ...body, why: 'Its host ended without telling how it did.' });
    else await this.#submit('agent.stepped', body);
    this.#kept = step.kept;
    this.#recorded = step.kept.state.consumed;
    this.#pace.over();
    link.send(step.writes);
    link.recorded(step.kept.state);
    this.#guard?.recorded(events);
    if (events.length > 0) this.#quiet.moved();
    if (exited) return this.#over();
    this.#quiet.watch(agent.stuckAfter, this.#kept?.state, this.terminal);
    // What somebody sits before is theirs to end.
    if (deaf && !this.terminal) this.#dismissal.begin();
  }

  async #submit(type: string, body: object): Promise<void> {
    const submitted = this.#context.kernel.submit(NODE_ITSELF, { target: this.#stream, type, body });
    this.#pace.made();
    const reply = await submitted;
    if (!reply.ok) throw SkeinError.fromBody(reply.error);
  }

  /** What could not be recorded is done again from what was; what can never be is the end of the run. */
  async #failed(error: SkeinError): Promise<void> {
    if (this.#stopped) return;
    this.#startOver();
    if (HOPELESS.includes(error.code)) return this.#giveUp(error);
    // A prompt that was changed meanwhile is read anew, at once.
    if (error.code === 'gone') this.#woken = true;
    else {
      const about = { agent: this.agent, error: error.message };
      this.#context.log('warn', 'An agent could not be driven on; trying again.', about);
      this.#wakeLater();
    }
  }

  async #giveUp(error: SkeinError): Promise<void> {
    const { agent, run } = this;
    const host = this.#orphaned ? undefined : this.host;
    try {
      const given = await giveUp(this.#context, { stream: this.#stream, agent, run, host }, error);
      await this.#submit('agent.vanished', { run, ...given });
      this.#over();
    } catch {
      this.#wakeLater();
    }
  }

  #wakeLater(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.wake(), AGAIN_MS).unref();
  }

  #over(): void {
    this.stop();
    this.#context.over(this.run);
  }

  /** Forgets what it knows, and what is under way. */
  #startOver(): void {
    this.#driver = undefined;
    this.#link.close();
    this.#link = this.#newLink();
  }

  #newLink(): Link {
    const { hosts, home } = this.#context;
    const link: Link = new (this.terminal ? TerminalLink : RunLink)(hosts, home, this, {
      news: () => this.wake(),
      lost: () => {
        if (this.#stopped || link !== this.#link) return;
        // Its host has ended, which will be told; or only this connection has.
        this.#startOver();
        this.#wakeLater();
      },
    });
    return link;
  }

  async #partsOf(offset: number): Promise<PromptPart[]> {
    const { body } = await readEvent(this.#context.kernel, this.#stream, offset);
    return (body as { parts: PromptPart[] }).parts;
  }

  async #session(): Promise<SessionState> {
    return (await this.#context.kernel.state<SessionState>(this.#stream)).state;
  }

  /** The agent, if this is its present run. */
  #present({ agents }: SessionState): AgentState | undefined {
    const agent = Object.hasOwn(agents, this.agent) ? agents[this.agent] : undefined;
    return agent?.run?.run === this.run && !agent.run.ended ? agent : undefined;
  }
}
