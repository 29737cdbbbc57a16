/** Who is called when an agent waits, on a real node (rule A5): nobody while somebody looks, and once a question, whatever is killed. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AgentWatch } from './support/agent-watch.ts';
import { destroyHome, makeHome } from './support/home.ts';
import { LaneViewer } from './support/lane-viewer.ts';
import { NodeProcess } from './support/node-process.ts';
import { definePlayed, SIZE } from './support/played.ts';
import { promptFor } from './support/plays.ts';
import { until } from './support/processes.ts';
import { connectNode } from './support/transport.ts';

/** Milliseconds after which somebody would have been called: a second is theirs to look. */
const CALLED_MS = 2_500;

let home: string;
let node: NodeProcess;
let client: Client;
let called: string;

beforeEach(async () => {
  home = makeHome();
  called = join(home, '..', 'called');
  mkdirSync(join(home, '..', 'written'));
  writeFileSync(
    join(home, 'config.json'),
    JSON.stringify({ hooks: { waiting: `echo "$SKEIN_APPROVAL" >> '${called}'` } }),
  );
  definePlayed(home, join(home, '..', 'written'), 'hooks');
  node = await NodeProcess.start(home);
  client = await connectNode(home, { retryFor: 20_000 });
});

afterEach(async () => {
  client.close();
  await node.stop();
  destroyHome(home);
});

const calls = () => (existsSync(called) ? readFileSync(called, 'utf8').trim().split('\n') : []);
const waited = () => new Promise((resolve) => setTimeout(resolve, CALLED_MS));

/** The id of a session with an agent in its terminal; nobody follows it. */
async function begun(): Promise<{ id: string; agent: string }> {
  const [id, agent] = [newId(), newId()];
  const spec = { agent, run: newId(), definition: 'played-hooks', pty: SIZE };
  await client.command('node', 'session.open', { id, cwd: '/tmp', agent: spec });
  return { id, agent };
}

async function ask({ id, agent }: { id: string; agent: string }): Promise<void> {
  const parts = [{ type: 'text' as const, text: promptFor('ask', '1') }];
  await client.command(`session/${id}`, 'prompt.queue', { agent, prompt: newId(), parts });
  await until('it asks', async () => {
    const { approvals } = await client.ask('session', { ref: id });
    return Object.keys(approvals).length > 0;
  });
}

test('[A5] somebody is called once for a question, and not again by the node that comes after', async () => {
  const session = await begun();
  await ask(session);
  await until('somebody is called', () => calls().length === 1);
  await until('that is recorded', async () => {
    const { approvals } = await client.ask('session', { ref: session.id });
    return Object.values(approvals).every((one) => one.called === true);
  });
  await node.kill();
  node = await NodeProcess.start(home);
  await client.ask('session', { ref: session.id });
  await waited();
  expect(calls()).toHaveLength(1);
  const watch = new AgentWatch(client, session.id);
  await watch.until('it is told', ({ events }) => events.some(({ type }) => type === 'approval.called'));
  expect(watch.of('approval.called')).toMatchObject([{ approval: calls()[0] }]);
});

test('[A5] nobody is called while somebody is attached to the terminal', async () => {
  const session = await begun();
  const viewer = new LaneViewer(client, session.id, { role: 'write', hello: SIZE });
  await viewer.until(() => viewer.welcome !== undefined);
  await ask(session);
  await waited();
  expect(calls()).toEqual([]);
});
