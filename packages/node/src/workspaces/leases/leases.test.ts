/** Leases on a real kernel and real processes: what ends a claim, and what does not (rule W1). */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pairsOf } from '@skein/protocol/keyed';
import { LOCAL_OWNER, NODE_ITSELF } from '@skein/protocol/members/who';
import type { Holder, Strength } from '@skein/protocol/workspaces/holder';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { cleanUp, openKernel, tempDir } from '../../kernel/counter.fixture.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { startTime } from '../../platform/process.ts';
import { nodeActor } from '../../sessions/node-actor.ts';
import { sessionActor } from '../../sessions/session-actor.ts';
import { PREPARE_WORKSPACE } from '../decide-life.ts';
import { workspaceActor } from '../workspace-actor.ts';
import { Leases } from './leases.ts';

const GUARDED: Strength = { files: 'guarded', shell: 'watched' };
const ENFORCED: Strength = { files: 'enforced', shell: 'watched' };
const WORKSPACE = 'workspace/wwwwwwwwwwww';
const children: ChildProcess[] = [];
const leases: Leases[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const one of leases.splice(0)) one.stop();
  await cleanUp();
});

async function open(dir = tempDir()): Promise<Kernel> {
  const kernel = await openKernel(dir);
  kernel.registerActor(nodeActor);
  kernel.registerActor(sessionActor);
  kernel.registerActor(workspaceActor);
  const ready = { git: null, folds: { case: false, unicode: false } };
  kernel.registerEffect({ kind: PREPARE_WORKSPACE, idempotent: true, run: async () => ready });
  kernel.start();
  return kernel;
}

async function tell(kernel: Kernel, target: string, type: string, body: unknown): Promise<unknown> {
  const reply = await kernel.submit(NODE_ITSELF, { target, type, body });
  if (!reply.ok) throw new Error(`${type}: ${reply.error.message}`);
  return reply.value;
}

async function make(kernel: Kernel): Promise<void> {
  const [id, name, root] = ['wwwwwwwwwwww', 'w', '/w'];
  const source = { kind: 'scratch' };
  await tell(kernel, 'node', 'node.boot', { version: '1', pid: 1 });
  const facts = { root };
  const command = { id: { client: 'c', seq: 1 }, target: 'node', type: 'workspace.create' };
  const made = await kernel.execute(LOCAL_OWNER, { ...command, body: { id, name, source } }, facts);
  expect(made).toMatchObject({ ok: true });
  const life = async () => (await kernel.state<WorkspaceState>(WORKSPACE)).state.life;
  await expect.poll(life, SOON).toBe('ready');
}

/** A session whose program is this process, in the workspace. */
async function enter(kernel: Kernel, name: string, child: ChildProcess, strength = GUARDED): Promise<string> {
  const run = name.padEnd(12, '2');
  const begin = { id: run, run, name, argv: ['x'], cwd: '/', cols: 80, rows: 24 };
  await tell(kernel, 'node', 'session.adopt', begin);
  const started = { run, host: 'h', pid: child.pid, start: startTime(child.pid as number) };
  await tell(kernel, `session/${run}`, 'run.found', started);
  await tell(kernel, WORKSPACE, 'run.entered', {
    run,
    session: run,
    agent: null,
    name,
    strength,
    asked: true,
  });
  return run;
}

function program(): ChildProcess {
  const child = spawn('sleep', ['100'], { stdio: 'ignore' });
  children.push(child);
  return child;
}

function begin(kernel: Kernel): Leases {
  const made = new Leases({ kernel, log: (_, message, data) => expect.fail(message + JSON.stringify(data)) });
  leases.push(made);
  made.start();
  return made;
}

let seq = 10;
async function take(kernel: Kernel, glob: string, lease: number, run?: string): Promise<string> {
  seq += 1;
  const claim = `c${seq.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').padStart(11, 'c')}`;
  const body = { claim, globs: [glob], lease, ...(run === undefined ? {} : { for: { run } }) };
  const command = { id: { client: 'c', seq }, target: WORKSPACE, type: 'claim.take', body };
  expect(await kernel.execute(LOCAL_OWNER, command)).toMatchObject({ ok: true });
  return claim;
}

async function holders(kernel: Kernel): Promise<Record<string, Holder['name']>> {
  const { state } = await kernel.state<WorkspaceState>(WORKSPACE);
  return Object.fromEntries(
    [...pairsOf(state.claims)].map(([, { globs, holder }]) => [globs[0], holder.name]),
  );
}

const SOON = { timeout: 10_000, interval: 20 };

describe('leases', () => {
  test("[W1] a person's claim ends with its lease, unless it is renewed", async () => {
    const kernel = await open();
    await make(kernel);
    const all = begin(kernel);
    const short = await take(kernel, 'a', 1_000);
    const kept = await take(kernel, 'b', 1_000);
    const { state } = await kernel.state<WorkspaceState>(WORKSPACE);
    const held = [...pairsOf(state.claims)].find(([key]) => key === short)?.[1];
    expect(all.left('wwwwwwwwwwww', held as never)).toBeGreaterThan(500);
    const renewing = setInterval(() => {
      seq += 1;
      const command = { id: { client: 'c', seq }, target: WORKSPACE, type: 'claim.renew' };
      void kernel.execute(LOCAL_OWNER, { ...command, body: { claim: kept } });
    }, 300);
    try {
      await expect.poll(() => holders(kernel), SOON).toEqual({ b: "the machine's user" });
      await sleep(1_000);
      expect(await holders(kernel)).toEqual({ b: "the machine's user" });
    } finally {
      clearInterval(renewing);
    }
    await expect.poll(() => holders(kernel), SOON).toEqual({});
  });

  test("[W1] a run's claim lasts as long as its process does, and no longer", async () => {
    const kernel = await open();
    await make(kernel);
    const child = program();
    const run = await enter(kernel, 'a', child);
    begin(kernel);
    await take(kernel, 'x', 1_000, run);
    await sleep(2_500);
    expect(await holders(kernel)).toEqual({ x: 'a' });
    child.kill('SIGKILL');
    await expect.poll(() => holders(kernel), SOON).toEqual({});
    expect((await kernel.state<WorkspaceState>(WORKSPACE)).state.runs).toEqual({});
  });

  test('[W1] one that is stopped past its lease keeps what is guarded, and loses what is enforced', async () => {
    const kernel = await open();
    await make(kernel);
    const [guarded, enforced] = [program(), program()];
    const a = await enter(kernel, 'a', guarded, GUARDED);
    const b = await enter(kernel, 'b', enforced, ENFORCED);
    begin(kernel);
    await take(kernel, 'x', 1_000, a);
    await take(kernel, 'y', 1_000, b);
    // It is let through before it stands still: the fence, not its being under way, is what keeps its later write out.
    await tell(kernel, WORKSPACE, 'write.begin', { run: b, call: '1', paths: ['y'] });
    guarded.kill('SIGSTOP');
    enforced.kill('SIGSTOP');
    await expect.poll(() => holders(kernel), SOON).toEqual({ x: 'a' });
    const other = await take(kernel, 'y', 5_000);
    expect(other).toBeTypeOf('string');
    await sleep(1_500);
    expect((await holders(kernel)).x).toBe('a');
    enforced.kill('SIGCONT');
    const late = { target: WORKSPACE, type: 'write.begin', body: { run: b, call: '2', paths: ['y'] } };
    expect(await kernel.submit(NODE_ITSELF, late)).toMatchObject({ ok: false, error: { code: 'claimed' } });
  });

  test('[W1] no clock that is set ends a lease, or lengthens it', async () => {
    const kernel = await open();
    await make(kernel);
    begin(kernel);
    const began = performance.now();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 365 * 86_400_000 });
    await take(kernel, 'a', 2_000);
    vi.setSystemTime(0);
    await take(kernel, 'b', 2_000);
    vi.setSystemTime(4e12);
    await sleep(500);
    expect(Object.keys(await holders(kernel)).sort()).toEqual(['a', 'b']);
    await vi.waitFor(async () => expect(await holders(kernel)).toEqual({}), SOON);
    expect(performance.now() - began).toBeGreaterThan(1_900);
    expect(performance.now() - began).toBeLessThan(6_000);
  });

  test('[W1] a node that starts again gives every claim a full term, and then ends those whose holders are gone', async () => {
    const dir = tempDir();
    const first = await open(dir);
    await make(first);
    const child = program();
    const run = await enter(first, 'a', child);
    begin(first);
    await take(first, 'mine', 1_500);
    await take(first, 'x', 1_500, run);
    await sleep(700);
    for (const one of leases.splice(0)) one.stop();
    await first.close();
    child.kill('SIGKILL');
    await sleep(1_500);
    const second = await open(dir);
    await second.state(WORKSPACE);
    const began = performance.now();
    begin(second);
    expect(Object.keys(await holders(second)).sort()).toEqual(['mine', 'x']);
    await expect.poll(() => holders(second), SOON).toEqual({});
    expect(performance.now() - began).toBeGreaterThan(1_400);
  });
});
