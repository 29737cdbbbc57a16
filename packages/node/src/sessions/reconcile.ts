/**
 * The log and the hosts, kept as one (rule H4): what hosts tell of their programs is recorded, and after a start, a repair
 * or the end of a host both are brought together again.
 */
import { newId } from '@skein/protocol/ids';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import { stateOf } from '@skein/protocol/sessions/state';
import type { HostEvent, HostedRunInfo } from '../host/control.ts';
import { readExit, runDir, takeExit } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { KernelApi } from '../kernel/types.ts';
import type { Typists } from '../members/typists.ts';
import type { EffectsContext } from './effects.ts';
import { clearRun } from './orphans.ts';
import { markAs, regain } from './regain.ts';
import type { RunEnded } from './run-words.ts';
import type { Sessions } from './service.ts';

type Shown = HostedRunInfo | Extract<HostEvent, { type: 'changed' }>;

/** Milliseconds until what could not be read or recorded is tried again. */
const RECORD_AGAIN_MS = 1_000;

export class Reconciler {
  readonly #kernel: KernelApi;
  readonly #hosts: HostPool;
  readonly #sessions: Sessions;
  readonly #home: string;
  readonly #typists: Typists;
  /** What is to be tried once more. */
  readonly #again = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor({ kernel, hosts, sessions, home }: EffectsContext, typists: Typists) {
    this.#typists = typists;
    this.#kernel = kernel;
    this.#hosts = hosts;
    this.#sessions = sessions;
    this.#home = home;
  }

  /** After a start, or a repair: what the hosts hold and what the log says are made one. Nothing is adopted that is not ours (H4). */
  async reconcile(held: Map<string, HostedRunInfo[]>): Promise<void> {
    this.#sessions.environments.sweep();
    const known = new Set<string>();
    const byRun = new Map<string, { host: string; info: HostedRunInfo }>();
    // What runs on pipes are agents' programs, which their own supervisor takes up.
    for (const [host, runs] of held)
      for (const info of runs) if (info.kind !== 'pipe') byRun.set(info.run, { host, info });
    for (const listed of await this.#sessions.list()) {
      if (listed.run !== '') known.add(listed.run);
      if (listed.state !== 'starting' && listed.state !== 'running') continue;
      let state = await this.#sessions.session(listed.id);
      // One that began with an agent never had a program: its agents are taken up by their supervisor.
      if (state.run === null && Object.keys(state.agents).length === 0) {
        await regain(this.#kernel, listed, byRun.get(listed.run)?.info);
        state = await this.#sessions.session(listed.id);
      }
      const { run } = state;
      if (run === null) continue;
      known.add(run.run);
      // They change in one transaction: only damage to the index can have parted them.
      if (stateOf(state) !== listed.state) await markAs(this.#kernel, listed.id, stateOf(state), run.run);
      const found = byRun.get(run.run);
      if (found !== undefined) await this.#found(listed.id, found.host, found.info);
      // A run that is starting is the business of its effect, which is taken up again. One that runs is asked for once
      // more: it may have been started since the hosts were asked.
      else if (
        run.state === 'running' &&
        !this.#isSilent(run.host) &&
        (await this.#hosts.find(run.run)) === undefined
      )
        await this.#settleLost(listed.id, run.run, run);
    }
    for (const [run, { host, info }] of byRun) {
      if (known.has(run)) continue;
      if (info.exit !== null) await this.#hosts.release(host, run);
      else await this.#adoptUnknown(host, info);
    }
  }

  /** What is not recorded yet its host tells the next node. */
  stop(): void {
    this.#stopped = true;
    for (const again of this.#again) clearTimeout(again);
  }

  hostEvent(host: string, event: HostEvent): void {
    if (event.type === 'changed') this.#present(event);
    else if (event.type === 'exited') void this.#trying(() => this.#exited(host, event));
  }

  /** A host has ended: what it held is told from what it left on disk, else recorded as lost. */
  hostLost(host: string): Promise<void> {
    return this.#trying(() => this.#lost(host));
  }

  /** While the log is mended nothing can be read of it either: what has happened is looked at again until it can be. */
  async #trying(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch {
      this.#later(() => void this.#trying(act));
    }
  }

  #later(act: () => void): void {
    if (this.#stopped) return;
    const again = setTimeout(() => {
      this.#again.delete(again);
      act();
    }, RECORD_AGAIN_MS);
    this.#again.add(again.unref());
  }

  async #lost(host: string): Promise<void> {
    for (const listed of await this.#sessions.list()) {
      if (listed.state !== 'running') continue;
      const { run } = await this.#sessions.session(listed.id);
      if (run?.host === host && run.state === 'running') await this.#settleLost(listed.id, run.run, run);
    }
  }

  /** A run that a host holds: its state is brought up to date, and its end taken if it has come. */
  async #found(session: string, host: string, info: HostedRunInfo): Promise<void> {
    this.#present(info);
    const { run, pid, start } = info;
    await this.#submit(session, 'run.found', { run, host, pid, start });
    if (info.exit !== null) await this.#record(session, { run, host, pid, start, ...info.exit });
  }

  /** Who looks at a run now, and who types. */
  #present({ run, attached, cols, rows, who, typed, typists }: Shown): void {
    this.#sessions.setPresence(run, {
      attached,
      cols,
      rows,
      ...(who === undefined ? {} : { who }),
      ...(typed === undefined ? {} : { typed }),
    });
    if (typed !== undefined) this.#typists.told(run, typed, typists);
  }

  async #exited(host: string, event: Extract<HostEvent, { type: 'exited' }>): Promise<void> {
    const session =
      (await this.#sessions.list()).find((s) => s.run === event.run)?.id ??
      (await this.#sessionOf(event.run));
    if (session === undefined) return;
    const { run: state } = await this.#sessions.session(session);
    const { run, code, signal, bytes } = event;
    await this.#record(session, {
      run,
      host,
      pid: state?.pid ?? 0,
      start: state?.start ?? '',
      code,
      signal,
      bytes,
    });
  }

  /** The session of a run whose start is not recorded yet. */
  async #sessionOf(run: string): Promise<string | undefined> {
    for (const listed of await this.#sessions.list()) {
      if (listed.state === 'starting' && (await this.#sessions.session(listed.id)).run?.run === run)
        return listed.id;
    }
    return undefined;
  }

  /** Records how a run ended; only then may its host forget it (H4). */
  async #record(session: string, ended: RunEnded): Promise<void> {
    // Whoever typed what ended it stands before its end.
    this.#typists.forget(ended.run);
    const recorded = await this.#submit(session, 'run.ended', ended);
    if (!recorded) {
      // A full disk, most likely: the host keeps it until the log can take it.
      return this.#later(() => void this.#trying(() => this.#record(session, ended)));
    }
    this.#sessions.setPresence(ended.run, undefined);
    takeExit(runDir(this.#home, ended.run));
    await this.#hosts.release(ended.host, ended.run);
  }

  async #settleLost(
    session: string,
    run: string,
    known: { host?: string; pid?: number; start?: string },
  ): Promise<void> {
    const exit = readExit(runDir(this.#home, run));
    if (exit !== undefined) {
      const { code, signal, bytes } = exit;
      const { host = '', pid = 0, start = '' } = known;
      return this.#record(session, { run, host, pid, start, code, signal, bytes });
    }
    clearRun(run, known.pid, known.start);
    this.#typists.forget(run);
    this.#sessions.setPresence(run, undefined);
    const why = 'Its host ended without telling how it did.';
    const told = await this.#submit(session, 'run.vanished', { run, why });
    // Nobody else tells of it while this node runs.
    if (!told) this.#later(() => void this.#trying(() => this.#settleLost(session, run, known)));
  }

  async #adoptUnknown(host: string, info: HostedRunInfo): Promise<void> {
    const id = newId();
    const { run, pid, start, cols, rows } = info;
    await this.#kernel.submit(NODE_ITSELF, {
      target: 'node',
      type: 'session.adopt',
      body: { id, name: 'recovered', argv: ['(recovered)'], cwd: '/', run, cols, rows },
    });
    await this.#found(id, host, { ...info, pid, start });
  }

  /** Nothing is known of a run whose host does not answer. */
  #isSilent(host: string | undefined): boolean {
    return host !== undefined && this.#hosts.isSilent(host);
  }

  async #submit(session: string, type: string, body: unknown): Promise<boolean> {
    const reply = await this.#kernel.submit(NODE_ITSELF, { target: `session/${session}`, type, body });
    return reply.ok;
  }
}
