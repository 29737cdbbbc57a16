/**
 * Sessions and the world (rules K4, H4): starts and signals programs for the actors, records what becomes of them, and
 * after a restart brings the log and the hosts together again.
 */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { Listed, NodeState } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { HostEvent, HostedRunInfo } from '../host/control.ts';
import { readExit, readRun, runDir, takeExit } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { KernelApi } from '../kernel/types.ts';
import { findByEnvironment, isAlive, signalGroup } from '../platform/process.ts';
import { Environments } from './environment.ts';
import { checkProgram } from './program.ts';
import { markAs, regain } from './regain.ts';
import type { RunEnded, SignalRun, Started, StartRun } from './session-actor.ts';

/** Who acts when the node does so by itself. */
const NODE = { kind: 'node' };

/** Milliseconds until an end that could not be recorded is tried again. */
const RECORD_AGAIN_MS = 1_000;

/** What hosts tell of a run that is not worth an event: who looks at it, and its size now. */
export interface Presence {
  attached: number;
  cols: number;
  rows: number;
}

export class Sessions {
  readonly #kernel: KernelApi;
  readonly #hosts: HostPool;
  readonly #home: string;
  readonly environments: Environments;
  readonly #presence = new Map<string, Presence>();

  constructor(kernel: KernelApi, hosts: HostPool, home: string) {
    this.#kernel = kernel;
    this.#hosts = hosts;
    this.#home = home;
    this.environments = new Environments(home);
    kernel.registerEffect({
      kind: 'start-run',
      idempotent: true,
      run: (body, ctx) => this.#startRun(body as StartRun, ctx.resumed),
    });
    kernel.registerEffect({
      kind: 'signal-run',
      idempotent: false,
      run: (body) => this.#signalRun(body as SignalRun),
    });
    kernel.registerEffect({
      kind: 'stop-run',
      idempotent: true,
      run: (body, ctx) => this.#stopRun(body as SignalRun, ctx.signal),
    });
    kernel.registerEffect({
      kind: 'purge-session',
      idempotent: true,
      run: (body) => this.#purge((body as { id: string }).id),
    });
  }

  /** After a start, or a repair: what the hosts hold and what the log says are made one. Nothing is adopted that is not ours (H4). */
  async reconcile(held: Map<string, HostedRunInfo[]>): Promise<void> {
    this.environments.sweep(Date.now());
    const known = new Set<string>();
    const byRun = new Map<string, { host: string; info: HostedRunInfo }>();
    for (const [host, runs] of held) for (const info of runs) byRun.set(info.run, { host, info });
    for (const listed of await this.list()) {
      if (listed.run !== '') known.add(listed.run);
      if (listed.state !== 'starting' && listed.state !== 'running') continue;
      let { run } = await this.session(listed.id);
      if (run === null) {
        await regain(this.#kernel, listed, byRun.get(listed.run)?.info);
        ({ run } = await this.session(listed.id));
      }
      if (run === null) continue;
      known.add(run.run);
      // They change in one transaction: only damage to the index can have parted them.
      if (run.state !== listed.state) await markAs(this.#kernel, listed.id, run.state, run.run);
      const found = byRun.get(run.run);
      if (found !== undefined) await this.#found(listed.id, found.host, found.info);
      // A run that is starting is the business of its effect, which is taken up again. One that runs is asked for once
      // more: it may have been started since the hosts were asked.
      else if (run.state === 'running' && (await this.#findRun(run.run)) === undefined)
        await this.#settleLost(listed.id, run.run, run);
    }
    for (const [run, { host, info }] of byRun) {
      if (known.has(run)) continue;
      if (info.exit !== null) await this.#hosts.release(host, run);
      else await this.#adoptUnknown(host, info);
    }
  }

  async list(): Promise<Listed[]> {
    const { state } = await this.#kernel.state<NodeState>('node');
    return Object.values(state.sessions);
  }

  async session(id: string): Promise<SessionState> {
    return (await this.#kernel.state<SessionState>(`session/${id}`)).state;
  }

  presence(run: string): Presence | undefined {
    return this.#presence.get(run);
  }

  /** Resolves with the session's state once it is as wanted; with the present one when aborted before. */
  async until(
    id: string,
    wanted: (state: SessionState) => boolean,
    aborted: AbortSignal,
  ): Promise<SessionState> {
    const stream = `session/${id}`;
    const { state, cursor } = await this.#kernel.state<SessionState>(stream);
    if (wanted(state) || aborted.aborted) return state;
    const events = await this.#kernel.subscribe({ stream, from: cursor, follow: true });
    const close = () => events.close();
    aborted.addEventListener('abort', close);
    try {
      while ((await events.next()) !== null) {
        const now = await this.session(id);
        if (wanted(now)) return now;
      }
      return this.session(id);
    } finally {
      aborted.removeEventListener('abort', close);
      events.close();
    }
  }

  hostEvent(host: string, event: HostEvent): void {
    if (event.type === 'changed') {
      this.#presence.set(event.run, { attached: event.attached, cols: event.cols, rows: event.rows });
    } else if (event.type === 'exited') void this.#exited(host, event);
  }

  /** A host has ended: what it held is told from what it left on disk, else recorded as lost. */
  async hostLost(host: string): Promise<void> {
    for (const listed of await this.list()) {
      if (listed.state !== 'running') continue;
      const { run } = await this.session(listed.id);
      if (run?.host === host && run.state === 'running') await this.#settleLost(listed.id, run.run, run);
    }
  }

  async #startRun(body: StartRun, resumed: boolean): Promise<Started> {
    try {
      if (resumed) {
        const there = await this.#findRun(body.run);
        if (there !== undefined) return there;
        const record = readRun(runDir(this.#home, body.run));
        if (record !== undefined) {
          // Its host wrote that it would start it, and is gone: whatever came of it has no terminal any more.
          await this.#clear(body.run, record.pid, record.start);
          throw new SkeinError('host_lost', 'Its host ended while it was being started.');
        }
      }
      const env = body.env === null ? {} : this.environments.take(body.env);
      checkProgram(body.argv, body.cwd, env.PATH ?? '');
      const host = await this.#hosts.place(body.run);
      try {
        const { run, argv, cwd, cols, rows } = body;
        const started = await host.link.request('start', {
          run,
          argv,
          cwd,
          cols,
          rows,
          env: { ...env, SKEIN_SESSION: body.session },
        });
        this.#presence.set(run, { attached: 0, cols, rows });
        return { host: host.id, ...started };
      } catch (error) {
        await this.#hosts.release(host.id, body.run);
        if (SkeinError.from(error).code === 'host_lost') await this.#clear(body.run);
        throw error;
      }
    } finally {
      if (body.env !== null) this.environments.drop(body.env);
    }
  }

  async #findRun(run: string): Promise<Started | undefined> {
    for (const { id } of this.#hosts.list()) {
      const { runs } = await this.#hosts.get(id).request('list', {});
      const info = runs.find((r) => r.run === run);
      if (info !== undefined) return { host: id, pid: info.pid, start: info.start };
    }
    return undefined;
  }

  async #signalRun({ host, run, signal }: SignalRun): Promise<unknown> {
    return this.#hosts.get(host).request('signal', { run, signal });
  }

  /** Asks the program to end, and ends it when it has not by the end of its grace. */
  async #stopRun({ session, host, run, signal, grace }: SignalRun, aborted: AbortSignal): Promise<unknown> {
    await this.#hosts.get(host).request('signal', { run, signal });
    const ended = (state: SessionState) => state.run?.run !== run || state.run.state !== 'running';
    const limit = AbortSignal.any([AbortSignal.timeout(grace ?? 0), aborted]);
    if (ended(await this.until(session, ended, limit))) return { killed: false };
    if (aborted.aborted) throw new SkeinError('node_unreachable', 'The node is going down.');
    await this.#hosts.get(host).request('signal', { run, signal: 'SIGKILL' });
    return { killed: true };
  }

  async #purge(id: string): Promise<unknown> {
    const stream = `session/${id}`;
    if (this.#kernel.head(stream) !== undefined) {
      const { run } = await this.session(id);
      if (run !== null) fs.rmSync(runDir(this.#home, run.run), { recursive: true, force: true });
      await this.#kernel.purge(stream);
    }
    return {};
  }

  /** A run that a host holds: its state is brought up to date, and its end taken if it has come. */
  async #found(session: string, host: string, info: HostedRunInfo): Promise<void> {
    this.#presence.set(info.run, { attached: info.attached, cols: info.cols, rows: info.rows });
    const { run, pid, start } = info;
    await this.#submit(session, 'run.found', { run, host, pid, start });
    if (info.exit !== null) await this.#record(session, { run, host, pid, start, ...info.exit });
  }

  async #exited(host: string, event: Extract<HostEvent, { type: 'exited' }>): Promise<void> {
    const session =
      (await this.list()).find((s) => s.run === event.run)?.id ?? (await this.#sessionOf(event.run));
    if (session === undefined) return;
    const { run: state } = await this.session(session);
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
    for (const listed of await this.list()) {
      if (listed.state === 'starting' && (await this.session(listed.id)).run?.run === run) return listed.id;
    }
    return undefined;
  }

  /** Records how a run ended; only then may its host forget it (H4). */
  async #record(session: string, ended: RunEnded): Promise<void> {
    const recorded = await this.#submit(session, 'run.ended', ended);
    if (!recorded) {
      // A full disk, most likely: the host keeps it until the log can take it.
      setTimeout(() => void this.#record(session, ended), RECORD_AGAIN_MS).unref();
      return;
    }
    this.#presence.delete(ended.run);
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
    await this.#clear(run, known.pid, known.start);
    this.#presence.delete(run);
    await this.#submit(session, 'run.vanished', { run, why: 'Its host ended without telling how it did.' });
  }

  /** Ends what is left of a run whose host is gone: known by pid and start time, or by the run in its environment. */
  async #clear(run: string, pid?: number, start?: string): Promise<void> {
    if (pid !== undefined && start !== undefined && isAlive(pid, start)) signalGroup(pid, 'SIGKILL');
    for (const orphan of findByEnvironment('SKEIN_RUN', run)) {
      if (isAlive(orphan.pid, orphan.start)) signalGroup(orphan.pid, 'SIGKILL');
    }
  }

  async #adoptUnknown(host: string, info: HostedRunInfo): Promise<void> {
    const id = newId();
    const { run, pid, start, cols, rows } = info;
    await this.#kernel.submit(NODE, {
      target: 'node',
      type: 'session.adopt',
      body: { id, name: 'recovered', argv: ['(recovered)'], cwd: '/', run, cols, rows },
    });
    await this.#found(id, host, { ...info, pid, start });
  }

  async #submit(session: string, type: string, body: unknown): Promise<boolean> {
    const reply = await this.#kernel.submit(NODE, { target: `session/${session}`, type, body });
    return reply.ok;
  }
}
