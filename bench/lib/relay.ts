/** The relay as installed, and a program beside it that is its nodes. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { atEnd, killQuietly } from './teardown.ts';
import { plainEnvironment } from './terminal.ts';

const LAUNCHER = join(dirname(dirname(import.meta.dirname)), 'node_modules/.bin/skein-relay');

type Child = ChildProcessByStdio<null, Readable, null>;

export interface RelayProcess {
  url: string;
  port: number;
  pid: number;
  /** Resolves when it has ended. */
  ended: Promise<void>;
  stop(): void;
}

/** A directory for the key, gone at the end. */
export function relayDirectory(): string {
  const dir = mkdtempSync('/tmp/skb-relay-');
  atEnd(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export async function startRelay(dir: string, port: number, ...words: string[]): Promise<RelayProcess> {
  const all = ['--port', `${port}`, '--key', join(dir, 'key'), '--json', '--log-level', 'error', ...words];
  const child = started(LAUNCHER, all);
  const { url } = JSON.parse(await nextLine(child)) as { url: string };
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid as number,
    ended: new Promise((resolve) => child.once('exit', () => resolve())),
    stop: () => killQuietly(child.pid as number, 'SIGTERM'),
  };
}

interface NodesProcess {
  /** Milliseconds until all were registered, each time that they are. */
  all(): Promise<number>;
  stop(): void;
}

export function startNodes(url: string, count: number): NodesProcess {
  const child = started(process.execPath, [join(import.meta.dirname, 'relay-nodes.ts'), url, `${count}`]);
  const told: number[] = [];
  let waiting: (() => void) | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    told.push(Number(line.split(' ')[1]));
    waiting?.();
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', () => reject(new Error('the nodes ended')));
  });
  ended.catch(() => {});
  return {
    async all() {
      while (told.length === 0)
        await Promise.race([
          ended,
          new Promise<void>((resolve) => {
            waiting = resolve;
          }),
        ]);
      return told.shift() as number;
    },
    stop: () => killQuietly(child.pid as number),
  };
}

/** Seconds of processor time that a process has used. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const TICKS_A_SECOND = 100;
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function started(command: string, words: string[]): Child {
  const child = spawn(command, words, { env: plainEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(() => killQuietly(child.pid as number));
  return child;
}

function nextLine(child: Child): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the relay ended with ${code}`)));
  });
}
