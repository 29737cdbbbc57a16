/** Leases in time, on a real kernel (rule X3): renewed, run out, taken anew; what a restart of the node makes of them. */
import { LOCAL_OWNER, NODE_ITSELF } from '@skein/protocol/members/who';
import type { Grant } from '@skein/protocol/peers/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { afterEach, describe, expect, test } from 'vitest';
import { cleanUp, openKernel, tempDir } from '../../kernel/counter.fixture.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { peersActor } from '../../peers/actor.ts';
import { nodeActor } from '../../sessions/node-actor.ts';
import { sessionActor } from '../../sessions/session-actor.ts';
import { byHome, HOME, nextId, wanted } from './hosted.fixture.ts';
import { HostedLeases } from './leases.ts';
import type { PlaceHostedFacts } from './place.ts';

const SOON = { timeout: 5_000, interval: 10 };
/** Milliseconds: short of what a grant may say, so that nobody waits long. */
const TERM = 300;
/** So long that a machine which is busy renews it in time. */
const LONG = 1_500;
const leases: HostedLeases[] = [];
let seq = 0;

afterEach(async () => {
  for (const one of leases.splice(0)) one.stop();
  await cleanUp();
});

async function open(dir = tempDir()): Promise<Kernel> {
  const kernel = await openKernel(dir);
  for (const kind of [nodeActor, sessionActor, peersActor]) kernel.registerActor(kind as typeof nodeActor);
  // Their processes are always on their way.
  kernel.registerEffect({ kind: 'start-agent', idempotent: true, run: () => new Promise(() => {}) });
  kernel.start();
  await kernel.submit(NODE_ITSELF, { target: 'node', type: 'node.boot', body: { version: '1', pid: 1 } });
  return kernel;
}

function begin(kernel: Kernel, clock?: () => number): HostedLeases {
  const made = new HostedLeases({
    kernel,
    ...(clock === undefined ? {} : { clock }),
    log: (_, message, data) => expect.fail(message + JSON.stringify(data)),
  });
  leases.push(made);
  made.start();
  return made;
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

/** A session that is hosted under a lease of that term. */
async function host(kernel: Kernel, term = TERM): Promise<string> {
  const grant = nextId();
  const about = { grant, peer: HOME, agents: ['fake'], dirs: ['/'], max: 8, away: 'stop', claims: 'hold' };
  await say(kernel, LOCAL_OWNER, 'peers', 'grant.give', about, { dirs: ['/'] });
  const body = wanted();
  const facts = { grants: [{ ...about, term } as Grant], dir: '/', workspaces: '/ws' };
  await say(kernel, byHome, 'node', 'hosted.place', body, facts satisfies PlaceHostedFacts);
  return body.id;
}

const take = async (kernel: Kernel, id: string, epoch: number) =>
  say(kernel, byHome, `session/${id}`, 'lease.take', { epoch, taker: nextId() });
const hosted = async (kernel: Kernel, id: string) =>
  (await kernel.state<SessionState>(`session/${id}`)).state.hosted;
const ended = async (kernel: Kernel, id: string) => (await hosted(kernel, id))?.ended;

describe('[X3] a lease', () => {
  test('lasts as long as it is renewed, and no longer than a term after', async () => {
    const kernel = await open();
    const all = begin(kernel);
    const id = await host(kernel, LONG);
    let last = 0;
    for (const until = performance.now() + 1.5 * LONG; performance.now() < until; ) {
      last = performance.now();
      expect(await all.renew(id, 1)).toEqual({ epoch: 1, left: LONG });
      await new Promise((resolve) => setTimeout(resolve, LONG / 20));
    }
    expect(await ended(kernel, id)).toBeNull();
    await expect.poll(() => ended(kernel, id), SOON).toBe('silent');
    expect(performance.now() - last).toBeGreaterThanOrEqual(LONG);
    await expect(all.renew(id, 1)).rejects.toMatchObject({ code: 'lease_lost', data: { epoch: 1 } });
  });

  test('that was taken anew has a term of its own, and is not renewed by who had the one before', async () => {
    const kernel = await open();
    const all = begin(kernel);
    const id = await host(kernel);
    await expect.poll(() => ended(kernel, id), SOON).toBe('silent');
    await take(kernel, id, 2);
    expect(await all.renew(id, 2)).toMatchObject({ epoch: 2 });
    await expect(all.renew(id, 1)).rejects.toMatchObject({ code: 'lease_lost' });
    await take(kernel, id, 3);
    await expect(all.renew(id, 2)).rejects.toMatchObject({ code: 'lease_lost', data: { epoch: 3 } });
    await expect.poll(() => ended(kernel, id), SOON).toBe('silent');
  });

  test('has a full term again when the node has begun anew, and one that had ended has none', async () => {
    const dir = tempDir();
    const before = await open(dir);
    const first = begin(before);
    const [over, under] = [await host(before), await host(before, 60_000)];
    await expect.poll(() => ended(before, over), SOON).toBe('silent');
    first.stop();
    await before.close();
    const kernel = await open(dir);
    // It is a minute later than the node before has known.
    let now = 60_000;
    const all = begin(kernel, () => now);
    await expect(all.renew(over, 1)).rejects.toMatchObject({ code: 'lease_lost' });
    expect(await all.renew(under, 1)).toEqual({ epoch: 1, left: 60_000 });
    now += 60_001;
    // Its time is over though its timer has not told so yet: who is late is too late.
    await expect(all.renew(under, 1)).rejects.toMatchObject({
      code: 'lease_lost',
      data: { ended: 'silent' },
    });
  });

  test('of a session that was removed is nobody’s any more', async () => {
    const kernel = await open();
    const all = begin(kernel);
    const id = await host(kernel);
    await expect.poll(() => ended(kernel, id), SOON).toBe('silent');
    await expect(all.renew(nextId(), 1)).rejects.toMatchObject({ code: expect.any(String) });
  });
});
