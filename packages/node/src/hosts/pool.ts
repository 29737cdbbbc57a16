/** The node's hosts: those found at its start, those it starts; where a new run goes; what each holds (rules H1, H4). */
import { setTimeout as sleep } from 'node:timers/promises';
import { SkeinError } from '@skein/protocol/errors';
import type { HostKind } from '@skein/protocol/host/kind';
import { RUNS_PER_HOST } from '@skein/protocol/limits';
import type { HostEvent, HostedRunInfo } from '../host/control.ts';
import { buryHost } from './bury.ts';
import { type Host, type HostInfo, infoOf, type Placed, placedIn } from './known.ts';
import { HostLink } from './link.ts';
import {
  hostIds,
  hostKey,
  hostLives,
  hostSocket,
  kindOf,
  readHost,
  runtimeOf,
  writeHost,
} from './records.ts';
import { ensureRuntime, pruneRuntimes } from './runtime.ts';
import { startHost } from './start.ts';

/** Milliseconds that a start waits for the answer of a host that lives. */
const PATIENCE_MS = 1_500;
/** Milliseconds between attempts to reach a host that lives and does not answer: at first, and at most. */
const AGAIN_MS = { first: 5, most: 1_000 };

interface HostPoolEvents {
  /** `kind` says whose business it is: sessions' terminals, or agents. */
  event(host: string, event: HostEvent, kind: HostKind): void;
  /** A host ended; what it held and had not told the end of is lost. */
  lost(host: string): void;
  /** A host that lived and did not answer does so again: what it told meanwhile was missed. */
  regained(host: string): void;
  log(level: 'info' | 'warn', message: string, data?: Record<string, unknown>): void;
}

export class HostPool {
  readonly #home: string;
  readonly #bundle: string;
  readonly #version: string;
  readonly #events: HostPoolEvents;
  readonly #hosts = new Map<string, Host>();
  /** Hosts that live and do not answer, stopped or stuck: nothing is known of their runs, so nothing is said of them. */
  readonly #silent = new Map<string, Promise<void>>();
  /** The hosts that are being started now; whoever needs one of the kind meanwhile waits for the same. */
  readonly #starting = new Map<HostKind, Promise<void>>();
  /** The build of this node: hosts of others get no new runs. */
  #current: string | undefined;
  #closed = false;

  /** `bundle` is the directory of host.cjs and what belongs to it. */
  constructor(home: string, bundle: string, version: string, events: HostPoolEvents) {
    this.#home = home;
    this.#bundle = bundle;
    this.#version = version;
    this.#events = events;
  }

  /** Connects to the hosts that live, and returns what each holds, of both kinds. Those of other builds are drained. */
  async adopt(): Promise<Map<string, HostedRunInfo[]>> {
    const held = new Map<string, HostedRunInfo[]>();
    const current = ensureRuntime(this.#home, this.#bundle).hash;
    this.#current = current;
    await Promise.all(
      hostIds(this.#home).map(async (id) => {
        const record = readHost(this.#home, id);
        if (record !== undefined && !hostLives(this.#home, id)) return buryHost(this.#home, id);
        try {
          const { host, runs } = await this.#connect(id);
          // The record could not be read, but a host that knows its key answers: it is written anew.
          const { pid, version } = host.link;
          if (record === undefined)
            writeHost(this.#home, { id, pid, version, socket: hostSocket(this.#home, id) });
          held.set(id, runs);
          await this.#drainOlder(host);
        } catch (error) {
          if (record === undefined) return buryHost(this.#home, id);
          const why = SkeinError.from(error).message;
          this.#events.log('warn', `Host ${id} lives but does not answer. Its programs are left alone.`, {
            error: why,
          });
          void this.#reach(id);
        }
      }),
    );
    const used = [...this.#hosts.keys(), ...this.#silent.keys()].map((id) => runtimeOf(this.#home, id));
    pruneRuntimes(this.#home, new Set([current, ...used]));
    return held;
  }

  /** What each host holds now, of both kinds. */
  async held(): Promise<Map<string, HostedRunInfo[]>> {
    const hosts = [...this.#hosts.values()];
    return new Map(
      await Promise.all(
        hosts.map(async ({ id, link }) => [id, (await link.request('list', {})).runs] as const),
      ),
    );
  }

  /** What runs on pipes, by run: agents' programs. */
  async heldPipes(): Promise<Map<string, { host: string; info: HostedRunInfo }>> {
    const pipes = new Map<string, { host: string; info: HostedRunInfo }>();
    for (const [host, runs] of await this.held())
      for (const info of runs) if (info.kind === 'pipe') pipes.set(info.run, { host, info });
    return pipes;
  }

  /** Who holds a run, asked of every host. */
  async find(run: string): Promise<Placed | undefined> {
    for (const host of this.#hosts.values()) {
      const there = await placedIn(host, run);
      if (there !== undefined) return there;
    }
    return undefined;
  }

  /**
   * Whether a host that may have been asked for a run holds it. It answers requests in turn, and is waited for until it
   * does: what it says is what became of them. Throws `host_lost` when it has ended.
   */
  async holds(id: string, run: string): Promise<Placed | undefined> {
    for (;;) {
      await this.whenHeard(id);
      // The next node asks it.
      if (this.#closed) return new Promise(() => {});
      const host = this.#hosts.get(id);
      if (host === undefined && !this.#silent.has(id))
        throw new SkeinError('host_lost', `Host ${id} is gone.`);
      try {
        if (host !== undefined) return await placedIn(host, run);
      } catch {
        // It is silent still, or again.
      }
      await sleep(AGAIN_MS.first, undefined, { ref: false });
    }
  }

  /** Whether a host lives and does not answer. */
  isSilent(id: string): boolean {
    return this.#silent.has(id);
  }

  /** Resolves when nothing is unclear of a host any more: it answers, or has ended. */
  async whenHeard(id: string): Promise<void> {
    await this.#silent.get(id);
  }

  list(): HostInfo[] {
    return [...this.#hosts.values()].map(infoOf);
  }

  get(id: string): HostLink {
    const host = this.#hosts.get(id);
    if (host !== undefined) return host.link;
    if (this.#silent.has(id)) {
      throw new SkeinError(
        'host_unavailable',
        `Host ${id} does not answer. Its programs live on; try again later.`,
      );
    }
    throw new SkeinError('host_lost', `Host ${id} is gone.`);
  }

  socketOf(id: string): string {
    this.get(id);
    return hostSocket(this.#home, id);
  }

  /** A host of this build and kind with room; started when there is none. The run is counted from now on. */
  async place(run: string, kind: HostKind): Promise<{ id: string; link: HostLink }> {
    for (;;) {
      const host = [...this.#hosts.values()].find(
        // One that is stuck would keep whoever starts anything waiting.
        (h) => h.kind === kind && !h.draining && h.link.answers && h.runs.size < RUNS_PER_HOST,
      );
      if (host !== undefined) {
        host.runs.add(run);
        return { id: host.id, link: host.link };
      }
      const starting =
        this.#starting.get(kind) ?? this.#start(kind).finally(() => this.#starting.delete(kind));
      this.#starting.set(kind, starting);
      await starting;
    }
  }

  /** The run has ended and is recorded, or was never started. */
  async release(host: string, run: string): Promise<void> {
    const held = this.#hosts.get(host);
    if (held === undefined) return;
    held.runs.delete(run);
    await held.link.request('reap', { run }).catch(() => {});
  }

  /** Ends every host with all that it holds. */
  async shutdown(): Promise<void> {
    await Promise.allSettled(this.#starting.values());
    await Promise.all(
      [...this.#hosts.values()].map((host) => host.link.request('shutdown', {}).catch(() => {})),
    );
  }

  /** Lets go of the hosts, which live on. */
  close(): void {
    this.#closed = true;
    for (const host of this.#hosts.values()) host.link.close();
  }

  async #start(kind: HostKind): Promise<void> {
    const id = await startHost(this.#home, this.#bundle, kind);
    const { host } = await this.#connect(id);
    this.#events.log('info', `Started host ${id}.`, { hostPid: host.link.pid, version: this.#version, kind });
  }

  async #connect(id: string): Promise<{ host: Host; runs: HostedRunInfo[] }> {
    const kind = kindOf(this.#home, id);
    const events = {
      event: (event: HostEvent) => {
        if (event.type === 'unseen') {
          const { run } = event;
          this.#events.log(
            'warn',
            `Host ${id} set the screen of run ${run} aside: its output stopped the emulator.`,
          );
        }
        this.#events.event(id, event, kind);
      },
      closed: () => void this.#dropped(id),
    };
    const link = await HostLink.open(
      hostSocket(this.#home, id),
      hostKey(this.#home, id),
      events,
      PATIENCE_MS,
    );
    const { runs, draining } = await link.request('list', {}).catch((error) => {
      link.close();
      throw error;
    });
    const runtime = runtimeOf(this.#home, id);
    const host: Host = { id, kind, link, runtime, draining, runs: new Set(runs.map((r) => r.run)) };
    if (this.#closed) link.close();
    this.#hosts.set(id, host);
    return { host, runs };
  }

  /** One of another build gets no new runs, however late it answers. */
  async #drainOlder(host: Host): Promise<void> {
    if (host.runtime === this.#current || host.draining) return;
    host.draining = true;
    await host.link.request('drain', {});
  }

  /** The connection to a host ended: it has, or it lives on and is reached again. */
  async #dropped(id: string): Promise<void> {
    if (!this.#closed && this.#hosts.delete(id)) await this.#reach(id);
  }

  /** Tries to reach a host until it answers or has ended. */
  #reach(id: string): Promise<void> {
    const reached = this.#tryToReach(id).then((answers) => {
      this.#silent.delete(id);
      if (this.#closed) return;
      if (answers) return this.#events.regained(id);
      this.#events.log('warn', `Host ${id} has ended.`);
      buryHost(this.#home, id);
      this.#events.lost(id);
    });
    this.#silent.set(id, reached);
    return reached;
  }

  /** A dying host's sockets close a moment before it is gone; a stopped one may be silent for days. */
  async #tryToReach(id: string): Promise<boolean> {
    for (let pause = AGAIN_MS.first; hostLives(this.#home, id); pause = Math.min(pause * 2, AGAIN_MS.most)) {
      await sleep(pause, undefined, { ref: false });
      if (this.#closed) return false;
      try {
        const { host } = await this.#connect(id);
        // It gets no new runs even if it is not told.
        await this.#drainOlder(host).catch(() => {});
        return true;
      } catch {
        // Gone meanwhile, or still silent.
      }
    }
    return false;
  }
}
