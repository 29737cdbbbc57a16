/** What a grant admitted is ended with it on a real kernel, also where that cannot be recorded for a while (rules X1, K4). */
import { LOCAL_OWNER, NODE_ITSELF } from '@skein/protocol/members/who';
import type { Grant } from '@skein/protocol/peers/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { afterEach, expect, test } from 'vitest';
import { cleanUp, openKernel, tempDir } from '../../kernel/counter.fixture.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { peersActor } from '../../peers/actor.ts';
import { nodeActor } from '../../sessions/node-actor.ts';
import { sessionActor } from '../../sessions/session-actor.ts';
import { endUngranted, registerMachineEffects } from './effects.ts';
import { byHome, HOME, nextId, wanted } from './hosted.fixture.ts';
import { Lapses } from './lapses.ts';
import type { PlaceHostedFacts } from './place.ts';

const SOON = { timeout: 8_000, interval: 20 };
const started: Lapses[] = [];
let seq = 0;

afterEach(async () => {
  for (const one of started.splice(0)) one.stop();
  await cleanUp();
});

async function open(): Promise<Kernel> {
  const kernel = await openKernel(tempDir());
  for (const kind of [nodeActor, sessionActor, peersActor]) kernel.registerActor(kind as typeof nodeActor);
  for (const kind of ['start-agent', 'stop-agent'])
    kernel.registerEffect({ kind, idempotent: true, run: () => new Promise(() => {}) });
  return kernel;
}

async function say(
  kernel: Kernel,
  by: unknown,
  target: string,
  type: string,
  body: unknown,
  facts?: unknown,
) {
  const command = { id: { client: 'c', seq: ++seq }, target, type, body };
  const reply = await kernel.execute(by, command, facts);
  if (!reply.ok) throw new Error(`${type}: ${reply.error.message}`);
}

const boot = (version: string) => ({ target: 'node', type: 'node.boot', body: { version, pid: 1 } });

/** An agent of another machine by a grant. */
async function host(kernel: Kernel, more: object = {}): Promise<{ id: string; grant: string }> {
  kernel.start();
  await kernel.submit(NODE_ITSELF, boot('1'));
  const grant = nextId();
  const about = { grant, peer: HOME, agents: ['fake'], dirs: ['/'], max: 8, away: 'stop', claims: 'hold' };
  await say(kernel, LOCAL_OWNER, 'peers', 'grant.give', { ...about, ...more }, { dirs: ['/'] });
  const body = wanted();
  const facts = { grants: [{ ...about, term: 60_000 } as Grant], dir: '/', workspaces: '/ws' };
  await say(kernel, byHome, 'node', 'hosted.place', body, facts satisfies PlaceHostedFacts);
  return { id: body.id, grant };
}

/** Until not even a little can be written. */
async function fill(kernel: Kernel): Promise<void> {
  await kernel.limitStorage(1);
  for (const size of [30_000, 1_000, 100, 1])
    while ((await kernel.submit(NODE_ITSELF, boot('x'.repeat(size)))).ok);
}

const ended = async (kernel: Kernel, id: string) =>
  (await kernel.state<SessionState>(`session/${id}`)).state.hosted?.ended;

test('[X1] what runs by a grant whose time is over while the disk is full is ended once there is space', async () => {
  const kernel = await open();
  const lapses = new Lapses(kernel);
  started.push(lapses);
  registerMachineEffects(kernel, lapses);
  const { id } = await host(kernel, { lifetime: 1_000 });
  await fill(kernel);
  const over = Date.now() + 1_200;
  await expect.poll(() => Date.now() > over, SOON).toBe(true);
  await kernel.limitStorage(0);
  await expect.poll(() => ended(kernel, id), SOON).toBe('revoked');
});

test('[X1] what a revoked grant admitted is ended though that could not be recorded at first', async () => {
  const kernel = await open();
  // The node is killed before it has ended anything; at its next start the disk is full.
  kernel.registerEffect({ kind: 'end-granted', idempotent: true, run: async () => ({}) });
  const { id, grant } = await host(kernel);
  await say(kernel, LOCAL_OWNER, 'peers', 'grant.revoke', { grant });
  await fill(kernel);
  const done = endUngranted(kernel, AbortSignal.timeout(SOON.timeout));
  expect(
    await Promise.race([
      done.then(() => 'over'),
      new Promise((resolve) => setTimeout(resolve, 300, 'tried')),
    ]),
  ).toBe('tried');
  await kernel.limitStorage(0);
  await done;
  expect(await ended(kernel, id)).toBe('revoked');
});
