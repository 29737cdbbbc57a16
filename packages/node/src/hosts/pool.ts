/** The node's hosts: those found at its start, those it starts; where a new run goes; what each holds (rules H1, H4). */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { RUNS_PER_HOST } from '@skein/protocol/limits';
import { type Infer, int, obj, str } from '@skein/protocol/shape';
import type { HostEvent, HostedRunInfo } from '../host/control.ts';
import { spawnDetached } from '../platform/detach.ts';
import { FILE_MODE, makeDir, readJson, writeWhole } from '../platform/files.ts';
import { isAlive, startTime } from '../platform/process.ts';
import { HostLink } from './link.ts';
import { ensureRuntime, pruneRuntimes } from './runtime.ts';

/** Milliseconds for a new host to say that it is ready. */
const READY_MS = 15_000;

export interface HostInfo {
  id: string;
  pid: number;
  version: string;
  runs: number;
  draining: boolean;
}

export interface HostPoolEvents {
  event(host: string, event: HostEvent): void;
  /** A host ended; what it held and had not told the end of is lost. */
  lost(host: string): void;
  log(level: 'info' | 'warn', message: string, data?: Record<string, unknown>): void;
}

interface Host {
  id: string;
  link: HostLink;
  socket: string;
  version: string;
  runtime: string;
  draining: boolean;
  runs: Set<string>;
}

/** `host.json` as a host writes it. */
const hostRecord = obj({ id: str(64), pid: int(1), start: str(64), version: str(64), socket: str(4096) });
type HostRecord = Infer<typeof hostRecord>;

export class HostPool {
  readonly #home: string;
  readonly #bundle: string;
  readonly #version: string;
  readonly #events: HostPoolEvents;
  readonly #hosts = new Map<string, Host>();
  /** The host that is being started now; whoever needs one meanwhile waits for the same. */
  #starting: Promise<Host> | undefined;
  #closed = false;

  /** `bundle` is the directory of host.cjs and what belongs to it. */
  constructor(home: string, bundle: string, version: string, events: HostPoolEvents) {
    this.#home = home;
    this.#bundle = bundle;
    this.#version = version;
    this.#events = events;
  }

  /** Connects to the hosts that live, and returns what each holds. Those of other builds are drained. */
  async adopt(): Promise<Map<string, HostedRunInfo[]>> {
    const held = new Map<string, HostedRunInfo[]>();
    const dir = path.join(this.#home, 'hosts');
    makeDir(dir);
    const current = ensureRuntime(this.#home, this.#bundle).hash;
    const names = fs.readdirSync(dir);
    await Promise.all(
      names.map(async (id) => {
        const record = this.#recordOf(id);
        if (record !== undefined && !isAlive(record.pid, record.start)) return this.#forget(id);
        try {
          const host = await this.#connect(id, record?.socket ?? this.#socketFor(id));
          // The record could not be read, but a host that knows its key answers: it is written anew.
          if (record === undefined) this.#writeRecord(host);
          const { runs, draining } = await host.link.request('list', {});
          for (const { run } of runs) host.runs.add(run);
          host.draining = draining;
          held.set(id, runs);
          if (host.runtime !== current && !draining) {
            host.draining = true;
            await host.link.request('drain', {});
          }
        } catch (error) {
          if (record === undefined) return this.#forget(id);
          this.#events.log('warn', `Host ${id} lives but cannot be reached.`, {
            error: SkeinError.from(error).message,
          });
        }
      }),
    );
    pruneRuntimes(this.#home, new Set([current, ...[...this.#hosts.values()].map((h) => h.runtime)]));
    return held;
  }

  /** What each host holds now. */
  async held(): Promise<Map<string, HostedRunInfo[]>> {
    const hosts = [...this.#hosts.values()];
    return new Map(
      await Promise.all(
        hosts.map(async ({ id, link }) => [id, (await link.request('list', {})).runs] as const),
      ),
    );
  }

  list(): HostInfo[] {
    return [...this.#hosts.values()].map(({ id, link, version, draining, runs }) => ({
      id,
      pid: link.pid,
      version,
      runs: runs.size,
      draining,
    }));
  }

  get(id: string): HostLink {
    const host = this.#hosts.get(id);
    if (host === undefined) throw new SkeinError('host_lost', `Host ${id} is gone.`);
    return host.link;
  }

  socketOf(id: string): string {
    const host = this.#hosts.get(id);
    if (host === undefined) throw new SkeinError('host_lost', `Host ${id} is gone.`);
    return host.socket;
  }

  /** A host of this build with room; started when there is none. The run is counted from now on. */
  async place(run: string): Promise<{ id: string; link: HostLink }> {
    for (;;) {
      const host = [...this.#hosts.values()].find((h) => !h.draining && h.runs.size < RUNS_PER_HOST);
      if (host !== undefined) {
        host.runs.add(run);
        return { id: host.id, link: host.link };
      }
      this.#starting ??= this.#start().finally(() => {
        this.#starting = undefined;
      });
      await this.#starting;
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
    await Promise.all(
      [...this.#hosts.values()].map((host) => host.link.request('shutdown', {}).catch(() => {})),
    );
  }

  /** Lets go of the hosts, which live on. */
  close(): void {
    this.#closed = true;
    for (const host of this.#hosts.values()) host.link.close();
  }

  async #connect(id: string, socket: string): Promise<Host> {
    const dir = path.join(this.#home, 'hosts', id);
    const key = fs.readFileSync(path.join(dir, 'key'), 'utf8');
    const plan = readJson(path.join(dir, 'plan.json')) as { runtime?: string } | undefined;
    const link = await HostLink.open(socket, key, {
      event: (event) => this.#events.event(id, event),
      closed: () => void this.#lost(id),
    });
    const host: Host = {
      id,
      link,
      socket,
      version: link.version,
      runtime: plan?.runtime ?? '',
      draining: false,
      runs: new Set(),
    };
    this.#hosts.set(id, host);
    return host;
  }

  async #start(): Promise<Host> {
    const runtime = ensureRuntime(this.#home, this.#bundle);
    const id = newId().slice(0, 6);
    const dir = path.join(this.#home, 'hosts', id);
    makeDir(dir);
    const key = randomBytes(32).toString('base64url');
    fs.writeFileSync(path.join(dir, 'key'), key, { mode: FILE_MODE });
    const socket = this.#socketFor(id);
    const keyHash = createHash('sha256').update(key).digest('hex');
    const plan = { id, home: this.#home, socket, keyHash, runtime: runtime.hash };
    writeWhole(path.join(dir, 'plan.json'), JSON.stringify(plan));
    const errors = fs.openSync(path.join(dir, 'stderr.log'), 'a', FILE_MODE);
    try {
      const child = spawnDetached([runtime.node, runtime.host, dir], {
        cwd: '/',
        env: { PATH: process.env.PATH, HOME: process.env.HOME, LANG: process.env.LANG },
        errors,
      });
      child.unref();
      await ready(child, path.join(dir, 'stderr.log'));
    } finally {
      fs.closeSync(errors);
    }
    const host = await this.#connect(id, socket);
    this.#events.log('info', `Started host ${id}.`, { hostPid: host.link.pid, version: this.#version });
    return host;
  }

  /**
   * The connection to a host ended. Its sockets close a moment before it is gone, so whether it lives is asked again;
   * one that lives on, and only dropped the connection, is connected to again.
   */
  async #lost(id: string): Promise<void> {
    const host = this.#hosts.get(id);
    if (this.#closed || host === undefined) return;
    this.#hosts.delete(id);
    const record = this.#recordOf(id);
    for (
      let pause = 5;
      record !== undefined && isAlive(record.pid, record.start) && pause < 2_000;
      pause *= 2
    ) {
      await sleep(pause);
      if (this.#closed) return;
      try {
        const again = await this.#connect(id, host.socket);
        again.draining = host.draining;
        again.runs = host.runs;
        return;
      } catch {
        // Gone meanwhile, or not answering.
      }
    }
    this.#events.log('warn', `Host ${id} has ended.`);
    this.#events.lost(id);
    this.#forget(id);
  }

  /** Removes what a dead host left. Its runs' own directories stay. */
  #forget(id: string): void {
    const record = this.#recordOf(id);
    if (record !== undefined && isAlive(record.pid, record.start)) return;
    fs.rmSync(path.join(this.#home, 'hosts', id), { recursive: true, force: true });
    fs.rmSync(this.#socketFor(id), { force: true });
  }

  #socketFor(id: string): string {
    return path.join(this.#home, 'run', `h-${id}.sock`);
  }

  #recordFile(id: string): string {
    return path.join(this.#home, 'hosts', id, 'host.json');
  }

  /** What a host wrote of itself; undefined when it is not there or not sound. */
  #recordOf(id: string): HostRecord | undefined {
    try {
      return hostRecord(readJson(this.#recordFile(id)), '');
    } catch {
      return undefined;
    }
  }

  #writeRecord({ id, link, version, socket }: Host): void {
    const { pid } = link;
    writeWhole(this.#recordFile(id), JSON.stringify({ id, pid, start: startTime(pid), version, socket }));
  }
}

/** Waits for the one line that a host prints once it listens. */
function ready(child: import('node:child_process').ChildProcess, errors: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new SkeinError('host_unavailable', `A host could not be started: ${why}. See ${errors}.`));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('it did not become ready');
    }, READY_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`it ended with ${signal ?? code}`));
    child.stdout?.once('data', () => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.stdout?.destroy();
      resolve();
    });
  });
}
