/** A hook's side: reports what its program told it, and waits for an answer where one is wanted. */
import fs from 'node:fs';
import path from 'node:path';
import { MAX_AGENT_PATH } from '@skein/protocol/agents/limits';
import { answersIn, putFile, reportsIn } from './places.ts';

/** Bytes of what a program tells a hook; the rest is not read. */
const MAX_INPUT = 32 * 1024 * 1024;
/** Characters of a report above which its long texts are cut, and to how many each. */
const MAX_WHOLE = 1024 * 1024;
const MAX_TEXT = 64 * 1024;
/** The same of a call, of which little more than its path matters. */
const MAX_CALL = 16 * 1024;

/** Reports; returns the report's id, which says when it was made, so that reports are taken in order. */
export function post(dir: string, hook: string, input: string, waits: boolean): string {
  return put(dir, hook, dataOf(input, MAX_WHOLE, MAX_TEXT), waits);
}

/** The same of what tells which file a tool is for: the texts that go into it are left out. */
export function postCall(dir: string, hook: string, input: string, waits: boolean): string {
  return put(dir, hook, dataOf(input, MAX_CALL, MAX_AGENT_PATH), waits);
}

function put(dir: string, hook: string, data: object, waits: boolean): string {
  const id = newReportId();
  putFile(reportsIn(dir), id, JSON.stringify({ id, hook, data, ...(waits ? { waits } : {}) }));
  return id;
}

/** When it was made, in milliseconds since 1970. */
export const madeAt = (id: string): number => Number(id.slice(0, MICROS)) / 1000;

/** Tells that nobody waits for an answer to `asked` any more. */
export function postGone(dir: string, asked: string): void {
  const id = newReportId();
  putFile(reportsIn(dir), id, JSON.stringify({ id, gone: asked }));
}

/** Digits of its time in an id. */
const MICROS = 17;
let posted = 0;

function newReportId(): string {
  const micros = Math.round((performance.timeOrigin + performance.now()) * 1000);
  return `${String(micros).padStart(MICROS, '0')}-${process.pid}-${posted++}`;
}

function dataOf(input: string, most: number, each: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    value = undefined;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return { text: input.slice(0, each) };
  const whole = value as Record<string, unknown>;
  return input.length <= most ? whole : (shortened(whole, each) as Record<string, unknown>);
}

function shortened(value: unknown, each: number): unknown {
  const inner = (one: unknown) => shortened(one, each);
  if (typeof value === 'string') return value.slice(0, each).toWellFormed();
  if (Array.isArray(value)) return value.slice(0, 1_000).map(inner);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)]));
}

/** All that stands on stdin, up to a limit. */
export function readInput(): string {
  const chunks: Buffer[] = [];
  let size = 0;
  while (size < MAX_INPUT) {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const read = readSome(chunk);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    size += read;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readSome(into: Buffer): number {
  for (;;) {
    try {
      return fs.readSync(0, into);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

/** Resolves with the answer to a report once it is there; with undefined when `given up` says so before. */
export function answerTo(dir: string, id: string, givenUp: AbortSignal): Promise<string | undefined> {
  const file = path.join(answersIn(dir), id);
  return new Promise((resolve) => {
    const look = () => {
      const text = takeFile(file);
      if (text !== undefined) end(text);
    };
    const watcher = fs.watch(answersIn(dir), look);
    const end = (text: string | undefined) => {
      watcher.close();
      resolve(text);
    };
    // The directory is removed when the run has ended.
    watcher.on('error', () => end(undefined));
    givenUp.addEventListener('abort', () => end(undefined), { once: true });
    look();
  });
}

function takeFile(file: string): string | undefined {
  try {
    const text = fs.readFileSync(file, 'utf8');
    fs.rmSync(file, { force: true });
    return text;
  } catch {
    return undefined;
  }
}
