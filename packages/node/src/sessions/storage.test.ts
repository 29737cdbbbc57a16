/** What the world does while the log cannot be read or written: nothing of it is forgotten, and nothing ends the node (rules H4, K4, L8). */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@skein/protocol/ids';
import { LOCAL_OWNER, NODE_ITSELF } from '@skein/protocol/members/who';
import { afterEach, expect, test, vi } from 'vitest';
import { executor } from '../executing.ts';
import { cleanUp, openKernel, tempDir } from '../kernel/counter.fixture.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { registerEffects } from './effects.ts';
import { Environments } from './environment.ts';
import { nodeActor } from './node-actor.ts';
import { Reconciler } from './reconcile.ts';
import { Sessions } from './service.ts';
import { sessionActor } from './session-actor.ts';

afterEach(cleanUp);

let seq = 0;

/** A kernel with the actors of sessions, and no hosts but one that forgets what it is told to. */
async function up(home: string, log?: (level: string, message: string) => void) {
  const kernel = await openKernel(join(home, 'log'), log === undefined ? {} : { log });
  kernel.registerActor(nodeActor);
  kernel.registerActor(sessionActor);
  const sessions = new Sessions(kernel, new Environments(home));
  const place = async () => ({ request: async () => ({ pid: 1, start: '1' }), id: 'h' });
  const hosts = { place, find: async () => undefined, whenHeard: async () => {}, release: async () => {} };
  return { kernel, sessions, context: { kernel, sessions, home, hosts: hosts as never } };
}

async function create(kernel: Kernel): Promise<{ id: string; run: string }> {
  const [id, run] = [newId(), newId()];
  const body = { id, argv: ['true'], cwd: '/', run, cols: 80, rows: 24 };
  const command = { id: { client: 'c', seq: ++seq }, target: 'node', type: 'session.create', body };
  expect(await kernel.execute(LOCAL_OWNER, command)).toMatchObject({ ok: true });
  return { id, run };
}

test('[L8] a session that is to be purged is, once the disk lets it', async () => {
  const home = tempDir();
  const { kernel, context } = await up(home);
  registerEffects(context);
  kernel.start();
  const { id } = await create(kernel);
  await vi.waitFor(() => expect(kernel.stats().effectsPending).toBe(0), 5_000);
  const purge = vi.spyOn(kernel, 'purge');
  const inTheWay = join(home, 'log', 'anchors.log.new');
  mkdirSync(inTheWay);
  const body = { id, purge: true };
  const remove = { id: { client: 'c', seq: ++seq }, target: 'node', type: 'session.remove', body };
  expect(await kernel.execute(LOCAL_OWNER, remove)).toMatchObject({ ok: true });
  await vi.waitFor(() => expect(purge.mock.calls.length).toBeGreaterThan(1), 5_000);
  expect(kernel.head(`session/${id}`)).toBeDefined();
  expect(kernel.stats().effectsPending).toBe(1);
  rmSync(inTheWay, { recursive: true });
  await vi.waitFor(() => expect(kernel.stats().effectsPending).toBe(0), 5_000);
  expect(kernel.head(`session/${id}`)).toBeUndefined();
});

test('[H4] a program that ends while the log is mended is recorded afterwards', async () => {
  const home = tempDir();
  const died = Promise.withResolvers<void>();
  const { kernel, sessions, context } = await up(home, (_, message) => {
    if (message.startsWith('A worker')) died.resolve();
  });
  const typists = { told() {}, forget() {} } as never;
  const reconciler = new Reconciler(context, typists);
  const started = async () => ({ host: 'h', pid: 1, start: '1' });
  kernel.registerEffect({ kind: 'start-run', idempotent: true, run: started });
  kernel.start();
  const { id, run } = await create(kernel);
  await vi.waitFor(async () => expect((await sessions.session(id)).run?.state).toBe('running'), 5_000);
  void kernel.loseWorker('writer');
  await died.promise;
  // What is decided now fails, and takes what was decided on from memory.
  await kernel.submit(NODE_ITSELF, { target: 'node', type: 'node.boot', body: { version: '1', pid: 1 } });
  reconciler.hostEvent('h', { type: 'exited', run, code: 0, signal: null, bytes: 0 } as never);
  await kernel.repaired();
  await vi.waitFor(async () => expect((await sessions.session(id)).run?.state).toBe('exited'), 5_000);
  reconciler.stop();
});

test('[H4] a program whose host ends while the disk is full is recorded as lost once there is room', async () => {
  const home = tempDir();
  let failed = 0;
  const { kernel, sessions, context } = await up(home, (_, message) => {
    if (message === 'A transaction failed.') failed++;
  });
  const reconciler = new Reconciler(context, { told() {}, forget() {} } as never);
  const started = async () => ({ host: 'h', pid: 2 ** 31 - 1, start: '1' });
  kernel.registerEffect({ kind: 'start-run', idempotent: true, run: started });
  kernel.start();
  const { id } = await create(kernel);
  const state = async () => (await sessions.session(id)).run?.state;
  await vi.waitFor(async () => expect(await state()).toBe('running'), 5_000);
  await vi.waitFor(() => expect(kernel.stats().effectsPending).toBe(0), 5_000);
  await kernel.limitStorage(1);
  for (const size of [30_000, 1_000, 100, 1]) {
    const boot = { target: 'node', type: 'node.boot', body: { version: 'x'.repeat(size), pid: 1 } };
    while ((await kernel.submit(NODE_ITSELF, boot)).ok);
  }
  const before = failed;
  await reconciler.hostLost('h');
  expect(failed).toBeGreaterThan(before);
  expect(await state()).toBe('running');
  await kernel.limitStorage(0);
  await vi.waitFor(async () => expect(await state()).toBe('lost'), 5_000);
  reconciler.stop();
});

test('[K5] a command without a body is refused, whatever the node adds to it', async () => {
  const { kernel, sessions } = await up(tempDir());
  const { environments } = sessions;
  const uploads = { factsFor: () => undefined, used() {} } as never;
  const meshed = { state: { known: {} } } as never;
  const execute = executor({ kernel, home: '/tmp', uploads, environments, meshed });
  for (const [target, type] of [
    ['workspace/x', 'landing.begin'],
    ['node', 'workspace.create'],
    ['node', 'agent.add'],
    ['node', 'session.open'],
  ] as const) {
    const command = { id: { client: 'z', seq: ++seq }, target, type, body: null };
    expect({ type, ok: (await execute(LOCAL_OWNER, command)).ok }).toEqual({ type, ok: false });
  }
});
