/**
 * All agents of this node (rules A2, A6, H4): each that runs is driven, each that rests is started again when it is time.
 * It looks at what the log says whenever that changes, so there is nothing that a crash could make it forget.
 */

import fs from 'node:fs';
import type { AgentState } from '@skein/protocol/agents/state';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import { changedSessions, type NodeState, sessionIn } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { claimsDir, hooksDir } from '../hooks/places.ts';
import { runDir } from '../host/run-files.ts';
import { clearRun } from '../sessions/orphans.ts';
import { capabilityFile } from '../tools/capabilities.ts';
import { AgentRun } from './agent-run.ts';
import type { AgentRunContext } from './agent-run-context.ts';
import { Rests } from './rests.ts';

/** Milliseconds until what the log did not take, or give, is tried again. */
const AGAIN_MS = 500;

type Context = Omit<AgentRunContext, 'over'> & {
  /** The questions that are open in a session, whenever they are others. */
  asks(session: string, open: readonly string[]): void;
  /** Whenever a session that has agents is another. */
  far(state: SessionState): void;
  /** It has none any more, or is gone. */
  gone(session: string): void;
};

export class Agents {
  readonly #context: AgentRunContext & Pick<Context, 'asks' | 'far' | 'gone'>;
  readonly #runs = new Map<string, AgentRun>();
  /** Sessions whose changes are looked at, and how to stop that. */
  readonly #watched = new Map<string, () => void>();
  readonly #rests: Rests;
  readonly #listeners = new Set<() => void>();
  /** The questions that are open in each session, by id, as one text. */
  readonly #open = new Map<string, string>();
  #n = Date.now();
  #unwatchNode: (() => void) | undefined;
  /** The node's index as it was looked at last; undefined when all of it is to be looked at anew. */
  #index: NodeState | undefined;
  #stopped = false;

  constructor(context: Context) {
    this.#context = { ...context, over: (run) => void this.#over(run) };
    this.#rests = new Rests(context.kernel);
  }

  /** Takes up what runs; call once the hosts that live are known. */
  start(): void {
    this.#lookAtNode();
  }

  stop(): void {
    this.#stopped = true;
    this.#unwatchNode?.();
    for (const unwatch of this.#watched.values()) unwatch();
    this.#rests.stop();
    for (const run of this.#runs.values()) run.stop();
    this.#runs.clear();
  }

  /** After a repair of the log, or when a host answers again: everything is looked at anew. */
  lookAgain(): void {
    this.#unwatchNode?.();
    this.#index = undefined;
    this.#lookAtNode();
    for (const session of [...this.#watched.keys()]) this.#look(session);
  }

  /** Everything is about to be ended: what ends with its host is not to be started again. */
  async halt(): Promise<void> {
    const { kernel } = this.#context;
    const targets = [...this.#watched.keys()].map((session) => `session/${session}`);
    await Promise.all(
      targets.map((target) => kernel.submit(NODE_ITSELF, { target, type: 'agent.halt', body: {} })),
    );
  }

  hostLost(host: string): void {
    for (const run of this.#runs.values()) if (run.host === host) run.hostLost();
    // Runs that were not driven yet are found to have no host.
    for (const session of this.#watched.keys()) void this.#attend(session);
  }

  /** Calls `listener` when other questions are open. Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Another number whenever other questions are open; never one of an earlier process. */
  get n(): number {
    return this.#n;
  }

  #lookAtNode(): void {
    if (this.#stopped) return;
    const { kernel } = this.#context;
    if (kernel.head('node') === undefined) return;
    // A session that is new becomes readable in the same turn as the index that tells of it, but after that.
    this.#unwatchNode = kernel.changed('node', () => queueMicrotask(() => this.#lookAtNode()));
    const index = kernel.peek<NodeState>('node');
    if (index === undefined)
      return void kernel.state('node').then(
        () => this.#lookAtNode(),
        () => {},
      );
    const ids = changedSessions(this.#index, index, this.#watched.keys());
    this.#index = index;
    for (const id of ids) {
      const has = (sessionIn(index, id)?.agents.length ?? 0) > 0;
      const unwatch = this.#watched.get(id);
      if (has && unwatch === undefined) this.#look(id);
      if (has || unwatch === undefined) continue;
      unwatch();
      this.#watched.delete(id);
      this.#context.gone(id);
      this.#asks(id, []);
    }
  }

  #look(session: string): void {
    if (this.#stopped) return;
    const { kernel } = this.#context;
    this.#watched.get(session)?.();
    if (kernel.head(`session/${session}`) === undefined) return void this.#watched.delete(session);
    this.#watched.set(
      session,
      kernel.changed(`session/${session}`, () => this.#look(session)),
    );
    void this.#attend(session);
  }

  async #attend(session: string): Promise<void> {
    const found = await this.#context.kernel.state<SessionState>(`session/${session}`).catch(() => undefined);
    if (this.#stopped || !this.#watched.has(session)) return;
    // Not to be had while the log is mended.
    if (found === undefined) return void setTimeout(() => this.#attend(session), AGAIN_MS).unref();
    const { state } = found;
    this.#context.far(state);
    for (const agent of Object.values(state.agents)) {
      // One on another machine is driven and rests there.
      if (Object.hasOwn(state.far, agent.agent)) continue;
      if (agent.life === 'running') this.#drive(session, agent);
      if (agent.life === 'resting') this.#rests.begin(session, agent);
      else this.#rests.end(agent.agent);
    }
    const open = Object.values(state.approvals).filter(({ answered }) => answered === null);
    this.#asks(
      session,
      open.map(({ approval }) => approval),
    );
  }

  #drive(session: string, { agent, run }: AgentState): void {
    if (run === null || run.host === undefined || run.ended) return;
    const driven = this.#runs.get(run.run);
    if (driven !== undefined) return driven.wake();
    const { hosts } = this.#context;
    // Nothing is said of a run whose host lives and does not answer; when it does, everything is looked at again.
    if (hosts.isSilent(run.host)) return;
    const begun = new AgentRun(this.#context, session, agent, {
      ...{ run: run.run, host: run.host },
      terminal: run.driver === 'pty',
    });
    this.#runs.set(run.run, begun);
    if (hosts.list().every(({ id }) => id !== run.host)) begun.hostLost();
    else begun.wake();
  }

  /** A run's end is recorded: its host forgets it, and what it left on disk goes. */
  async #over(run: string): Promise<void> {
    const driven = this.#runs.get(run);
    this.#runs.delete(run);
    if (driven === undefined) return;
    if (driven.terminal) {
      fs.rmSync(capabilityFile(this.#context.home, run), { force: true });
      for (const dir of [hooksDir, claimsDir])
        fs.rmSync(dir(this.#context.home, run), { recursive: true, force: true });
      return;
    }
    await this.#context.hosts.release(driven.host, run);
    clearRun(run);
    fs.rmSync(runDir(this.#context.home, run), { recursive: true, force: true });
  }

  #asks(session: string, open: readonly string[]): void {
    const text = open.join(' ');
    if ((this.#open.get(session) ?? '') === text) return;
    this.#open.set(session, text);
    this.#n += 1;
    this.#context.asks(session, open);
    for (const listener of this.#listeners) listener();
  }
}
