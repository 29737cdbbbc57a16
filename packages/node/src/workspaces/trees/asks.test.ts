/** What a worker answers about what is handed over to it (rule X4). */
import fs from 'node:fs';
import path from 'node:path';
import { MAX_GRANTED } from '@skein/protocol/machines/limits';
import { LOCAL_OWNER, NODE_ITSELF } from '@skein/protocol/members/who';
import { afterEach, expect, test } from 'vitest';
import { cleanUp, openKernel, tempDir } from '../../kernel/counter.fixture.ts';
import { HOME, nextId } from '../../machines/worker/hosted.fixture.ts';
import { peersActor } from '../../peers/actor.ts';
import { nodeActor } from '../../sessions/node-actor.ts';
import { treeHandlers } from './asks.ts';
import { HandedStore } from './handed-store.ts';

afterEach(cleanUp);

test('[X4] what is left of workspaces of which nothing is here any more makes room without a restart', async () => {
  const [home, kernel] = [tempDir(), await openKernel(tempDir())];
  for (const kind of [nodeActor, peersActor]) kernel.registerActor(kind as typeof nodeActor);
  kernel.start();
  await kernel.submit(NODE_ITSELF, { target: 'node', type: 'node.boot', body: { version: '1', pid: 1 } });
  const grant = { grant: nextId(), peer: HOME, agents: ['*'], dirs: [], max: 1 };
  const given = { id: { client: 'c', seq: 1 }, target: 'peers', type: 'grant.give', body: grant };
  expect(await kernel.execute(LOCAL_OWNER, given, { dirs: [] })).toMatchObject({ ok: true });
  // A home that has handed over many in time, and has removed its agents.
  const long = new Date(Date.now() - 7_200_000);
  for (let n = 0; n <= MAX_GRANTED; n++) {
    const old = path.join(home, 'handed', HOME, `${nextId()}.git`);
    fs.mkdirSync(old, { recursive: true });
    fs.utimesSync(old, long, long);
  }
  const { hand } = treeHandlers({ kernel, home, handed: new HandedStore(home) });
  const piece = {
    workspace: nextId(),
    bundle: 'ab'.repeat(32),
    size: 20,
    offset: 0,
    bytes: new Uint8Array(9),
  };
  const by = { kind: 'device', device: HOME } as const;
  expect(await hand(piece, { by } as Parameters<typeof hand>[1])).toEqual({ size: 9 });
});
