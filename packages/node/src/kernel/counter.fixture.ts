/** What the kernel's tests share: a counter actor, a ledger that tells it, and temporary directories. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { unpackEvents } from './codec.ts';
import { Kernel } from './kernel.ts';
import type { KernelOptions } from './options.ts';
import { type ActorKind, EFFECT_OUTCOME, type LogEvent, type Reply } from './types.ts';

export interface Counter {
  total: number;
  /** Every amount ever added, so that a lost or repeated event shows. */
  added: number[];
  outcomes: unknown[];
}

const adding = (by: unknown): number => (typeof by === 'object' && by && 'n' in by ? Number(by.n) : 0);

/** `add {n}`, `refuse`, `crash`, `work {id, body}` (an effect), `large {text}`. */
export const counter: ActorKind<Counter> = {
  kind: 'counter',
  version: 1,
  initial: () => ({ total: 0, added: [], outcomes: [] }),
  decide: (state, { type, body }) => {
    if (type === 'add') {
      return { events: [{ type: 'added', body: { n: adding(body) } }], reply: state.total + adding(body) };
    }
    if (type === 'work') {
      const { id, kind } = body as { id: string; kind: string };
      return { events: [{ type: 'asked', body: { id } }], effects: [{ id, kind, body: { id } }], reply: id };
    }
    if (type === 'large') return { events: [{ type: 'said', body }], reply: 'kept' };
    if (type === EFFECT_OUTCOME) return { events: [{ type: 'worked', body }] };
    if (type === 'crash') throw new TypeError('a fault in decide');
    throw new SkeinError('not_allowed', 'A counter does not do that.');
  },
  apply: (state, event) => {
    if (event.type === 'added') {
      const n = adding(event.body);
      return { ...state, total: state.total + n, added: [...state.added, n] };
    }
    if (event.type === 'worked') return { ...state, outcomes: [...state.outcomes, event.body] };
    if (event.type === 'said') return { ...state, outcomes: [...state.outcomes, event.body] };
    return state;
  },
};

/** `pay {to, n}` adds to itself and tells a counter in the same unit; `to` may be one that refuses. */
const ledger: ActorKind<{ paid: number }> = {
  kind: 'ledger',
  version: 1,
  initial: () => ({ paid: 0 }),
  decide: (_state, { body }) => {
    const { to, n, type = 'add' } = body as { to: string; n: number; type?: string };
    return {
      events: [{ type: 'paid', body: { n } }],
      tell: [{ target: to, type, body: { n } }],
      reply: 'paid',
    };
  },
  apply: (state, event) => ({ paid: state.paid + adding(event.body) }),
};

const dirs: string[] = [];
const kernels: Kernel[] = [];

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'skein-kernel-'));
  dirs.push(dir);
  return dir;
}

export async function openKernel(dir: string, options: Partial<KernelOptions> = {}): Promise<Kernel> {
  const kernel = await Kernel.open({ dir, ...options });
  kernel.registerActor(counter);
  kernel.registerActor(ledger);
  kernels.push(kernel);
  return kernel;
}

/** For afterEach: nothing of a test stays. */
export async function cleanUp(): Promise<void> {
  await Promise.all(kernels.splice(0).map((kernel) => kernel.close()));
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
}

export function command(client: string, seq: number, target: string, type: string, body: unknown = null) {
  return { id: { client, seq }, target, type, body };
}

export function add(
  kernel: Kernel,
  seq: number,
  n: number,
  target = 'counter/a',
  client = 'c',
): Promise<Reply> {
  return kernel.execute('test', command(client, seq, target, 'add', { n }));
}

/** All events of a stream from an offset on, as a reader gets them. */
export async function readAll(kernel: Kernel, stream: string, after = 0): Promise<LogEvent[]> {
  const cursor = await kernel.subscribe({ stream, from: { epoch: 0, offset: after }, follow: false });
  const events: LogEvent[] = [];
  for (let page = await cursor.next(); page; page = await cursor.next()) {
    const decoded = unpackEvents(page.data);
    if (decoded.length !== page.count || page.first !== after + events.length + 1) throw new Error('a gap');
    events.push(...decoded);
  }
  cursor.close();
  return events;
}
