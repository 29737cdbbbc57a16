/** What is copied of agents elsewhere, in a real log: large bodies too, with where they come from, read again as they were (rules X2, L5, L8). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_OWNER, NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { afterAll, expect, test } from 'vitest';
import { readEvent } from '../../agents/read-event.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { nodeActor } from '../../sessions/node-actor.ts';
import { sessionActor } from '../../sessions/session-actor.ts';
import { AGENT, PEER, READY, RUN, SESSION } from './far.fixture.ts';

const dir = mkdtempSync(join(tmpdir(), 'sk-far-log-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const target = `session/${SESSION}`;

async function open(): Promise<Kernel> {
  const kernel = await Kernel.open({ dir });
  kernel.registerActor(nodeActor);
  kernel.registerActor(sessionActor);
  return kernel;
}

test('[X2][L8] a copy has the time and place that it had, however large it is, also after the log is read again', async () => {
  const text = 'x'.repeat(200_000);
  const first = await open();
  const agent = { agent: AGENT, run: RUN, definition: 'fake', on: PEER };
  const session = { id: SESSION, cwd: '/', agent };
  const facts = { far: { peer: PEER, node: 'box' } };
  const id = { client: 'c', seq: 1 };
  const opened = { id, target: 'node', type: 'session.open', body: session };
  expect(await first.execute(LOCAL_OWNER, opened, facts)).toMatchObject({ ok: true });
  const said = { type: 'message.delta', body: { run: RUN, turn: 't', item: 'i', from: 'agent', text } };
  const events = [...READY, said].map((event, i) => ({ ...event, at: 5_000 + i, by: NODE_ITSELF }));
  const copy = { target, type: 'far.copy', body: { agent: AGENT, epoch: 7, from: 0, events, answers: [] } };
  expect(await first.submit(NODE_ITSELF, copy)).toMatchObject({ ok: true });
  expect(await first.submit(NODE_ITSELF, copy)).toMatchObject({ ok: false, error: { code: 'gone' } });
  const { state: before, cursor } = await first.state<SessionState>(target);
  await first.close();

  const again = await open();
  const { state } = await again.state<SessionState>(target);
  expect(state).toEqual(before);
  expect(state.far[AGENT]?.cursor).toEqual({ epoch: 7, offset: 4 });
  expect(await readEvent(again, target, cursor.offset)).toMatchObject({
    ...{ type: 'message.delta', at: 5_003, by: NODE_ITSELF, body: { text } },
    source: { agent: AGENT, epoch: 7, offset: 4, by: NODE_ITSELF },
  });
  await again.close();
});
