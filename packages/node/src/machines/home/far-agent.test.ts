/** When home counts a lease as over whose worker says nothing more: never before that one does, and always once it has (rule X3). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { HOME_WAITS } from '@skein/protocol/machines/limits';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { expect, onTestFinished, test } from 'vitest';
import { Kernel } from '../../kernel/kernel.ts';
import { nodeActor } from '../../sessions/node-actor.ts';
import { sessionActor } from '../../sessions/session-actor.ts';
import { AGENT, HOSTED, PEER, RUN, SESSION } from './far.fixture.ts';
import { FarAgent, type FarAgentContext } from './far-agent.ts';
import type { FarPeer, Served } from './far-peer.ts';
import { PLACE_FAR } from './far-words.ts';

const TERM_MS = 900;
const target = `session/${SESSION}`;

/** An agent whose worker has admitted it, and from then on hears what it is asked and never answers. */
async function silent() {
  const dir = mkdtempSync(join(tmpdir(), 'sk-far-agent-'));
  const kernel = await Kernel.open({ dir });
  kernel.registerActor(nodeActor);
  kernel.registerActor(sessionActor);
  const value = { session: HOSTED, term: TERM_MS, away: 'stop', claims: 'hold' };
  kernel.registerEffect({ kind: PLACE_FAR, idempotent: true, run: async () => value });
  const agent = { agent: AGENT, run: RUN, definition: 'fake', on: PEER };
  const opened = { target: 'node', type: 'session.open', body: { id: SESSION, cwd: '/', agent } };
  await kernel.execute(
    LOCAL_OWNER,
    { id: { client: 'c', seq: 1 }, ...opened },
    { far: { peer: PEER, node: 'box' } },
  );
  await kernel.start();
  const far = async () => (await kernel.state<SessionState>(target)).state.far[AGENT];
  await expect.poll(async () => (await far())?.leased).toBe(true);
  const lost = new AbortController();
  const cut = new Promise<never>((_, reject) =>
    lost.signal.addEventListener('abort', () => reject(new SkeinError('peer_unreachable', 'It is away.'))),
  );
  cut.catch(() => {});
  const heard: { what: string; at: number }[] = [];
  const never = (what: string) => {
    heard.push({ what, at: performance.now() });
    return cut;
  };
  const client = {
    ask: never,
    command: (_: string, type: string) => never(type),
    subscribe: () => ({ next: () => cut, close: () => {} }),
  };
  const serve = (served: Served) => {
    served(client as unknown as Client, lost.signal);
    return () => {};
  };
  const peer = { serve, client, why: 'It is away.' } as unknown as FarPeer;
  const policies = { prepare: async () => {} } as unknown as FarAgentContext['policies'];
  const one = new FarAgent({ kernel, policies, log: () => {} }, SESSION, AGENT, peer);
  onTestFinished(async () => {
    one.stop();
    await kernel.close();
    rmSync(dir, { recursive: true, force: true });
  });
  /** Resolves with when it was counted as over. */
  const over = async () => {
    const look = async () => {
      await one.look();
      return (await far())?.link;
    };
    await expect.poll(look, { interval: 10, timeout: 10_000 }).toBe('ended');
    return performance.now();
  };
  return { kernel, one, lost, heard, far, over };
}

test('[X3] a lease that was asked for and never answered is over too', async () => {
  const { lost, heard, far, over } = await silent();
  await expect.poll(() => heard.map(({ what }) => what)).toEqual(['lease.take']);
  expect(await far()).toMatchObject({ leased: false });
  lost.abort();
  await over();
});

test('[X3] a lease of which it is not known whether it was renewed lasts from when that was asked', async () => {
  const { kernel, one, lost, heard, over } = await silent();
  one.placed();
  const state = (await kernel.state<SessionState>(target)).state.far[AGENT];
  if (state !== undefined) one.saw(state);
  await expect.poll(() => heard.at(-1)?.what, { interval: 10 }).toBe('renew');
  lost.abort();
  expect((await over()) - (heard.at(-1)?.at ?? 0)).toBeGreaterThanOrEqual(HOME_WAITS * TERM_MS);
});
