import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { SessionAnswer } from '@skein/protocol/sessions/asks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Skein } from './support/cli.ts';
import { callTool, connectAgent, done, refused, tokenOf } from './support/directing.ts';
import { defineFake } from './support/fake-definition.ts';
import { agentWords, called, connectMcp } from './support/mcp.ts';
import { until } from './support/processes.ts';
import { connectNode } from './support/transport.ts';
import { TwoMachines } from './support/two-machines.ts';

const machines = new TwoMachines();
const { home, worker, place, work } = machines;
let owner: Client;
let session: string;
/** The far agent's way to its tools, on the worker. */
let far: Client;

const shown = (): Promise<SessionAnswer> => owner.ask('session', { ref: session });
const named = async (name: string) => Object.values((await shown()).agents).find((one) => one.name === name);
const pidOf = (skein: Skein) => skein.json<{ pid: number }>('status').pid;

async function kill(skein: Skein): Promise<void> {
  process.kill(pidOf(skein), 'SIGKILL');
  await until('it is started again', () => skein.try(['status']).status === 0);
}

beforeAll(async () => {
  await machines.meet();
  defineFake(home.home);
  machines.grant('--dirs', place, '--max', '8');
  home.run(
    'spawn',
    'fake',
    '--on',
    'box',
    '--dir',
    work,
    '-n',
    'api',
    '--children',
    '2',
    '--depth',
    '1',
    '--role',
    'operator',
  );
  owner = await connectNode(home.home, { retryFor: 30_000 });
  session = (await owner.ask('sessions', {}))[0]?.id ?? '';
  await until('it is ready', async () => (await named('fake'))?.run?.ready === true);
  const run = (await named('fake'))?.run?.run ?? '';
  far = await connectAgent(worker.home, tokenOf(worker.home, run), { retryFor: 30_000 });
}, 90_000);
afterAll(() => {
  far?.close();
  owner?.close();
  machines.destroy();
});

describe('tools of agents on other machines', () => {
  test('[N1] are run at home, with the capability that the agent has there', async () => {
    const list = await done(far, 'list', {});
    expect(list).toMatchObject({ session: 'api', you: { name: 'fake', depth: 1, spawn: 2 } });
    expect(list.agents).toMatchObject([{ name: 'fake', machine: 'box' }]);
    const made = await done(far, 'spawn', { definition: 'fake', name: 'near', prompt: 'hello' });
    const waited = await done(far, 'wait', { agents: ['near'], timeout: 20 });
    expect(waited.agents).toMatchObject([{ name: 'near', said: 'You said: hello' }]);
    expect((await named('near'))?.above).toEqual([(await named('fake'))?.agent]);
    const there = await done(far, 'spawn', {
      definition: 'fake',
      name: 'there',
      on: 'box',
      prompt: 'over there',
    });
    const told = await done(far, 'wait', { agents: [there.agent], timeout: 20 });
    expect(told.agents).toMatchObject([{ name: 'there', said: 'You said: over there' }]);
    expect((await shown()).far[there.agent]?.node).toBe('box');
    expect(await refused(far, 'spawn', { definition: 'fake' })).toMatchObject({ code: 'limit_reached' });
    expect(await refused(far, 'prompt', { agent: 'nar', text: 'x' })).toMatchObject({ field: 'agent' });
    await done(far, 'stop', { agent: made.agent });
    await done(far, 'stop', { agent: there.agent });
    await done(far, 'wait', { agents: [made.agent, there.agent], timeout: 20 });
  }, 60_000);

  test('[N1] are those of somebody who looks on, unless it was started with more', async () => {
    home.run('spawn', 'fake', '--on', 'box', '--dir', join(place, 'work'), '--in', 'api', '--as', 'plain');
    await until('it is ready', async () => (await named('plain'))?.run?.ready === true);
    const plain = await named('plain');
    expect(plain?.direct).toEqual({ depth: 0, spawn: 0, role: 'viewer', approve: false });
    const by = await connectAgent(worker.home, tokenOf(worker.home, plain?.run?.run ?? ''), {
      retryFor: 30_000,
    });
    try {
      expect(await done(by, 'list', {})).toMatchObject({ session: 'api', you: { name: 'plain' } });
      for (const [tool, input] of [
        ['spawn', { definition: 'fake' }],
        ['type', { text: 'x' }],
        ['prompt', { agent: 'fake', text: 'x' }],
      ] as const)
        expect(['not_allowed', 'limit_reached']).toContain((await refused(by, tool, input)).code);
    } finally {
      by.close();
    }
    home.run('rm', '--force', 'api/plain');
  }, 60_000);

  test('[N1] are there by MCP where it runs, as for one at home', async () => {
    const mcp = await connectMcp(agentWords(worker.home, (await named('fake'))?.run?.run ?? ''));
    try {
      expect((await called(mcp, 'list')).data).toMatchObject({ session: 'api', you: { name: 'fake' } });
    } finally {
      await mcp.client.close();
    }
  });

  test('[N1] are answered once, with either node killed in mid-call', async () => {
    for (const victim of [home, worker]) {
      const before = Object.keys((await shown()).agents).length;
      const call = newId() + newId();
      const spawned = callTool(far, 'spawn', { definition: 'fake', prompt: 'once' }, call);
      await kill(victim);
      const answer = await spawned;
      expect(answer).toMatchObject({ ok: true });
      const again = await callTool(far, 'spawn', { definition: 'fake', prompt: 'once' }, call);
      expect(again.ok && again.data.agent).toBe(answer.ok && answer.data.agent);
      const state = await shown();
      expect(Object.keys(state.agents)).toHaveLength(before + 1);
      const agent = String(answer.ok && answer.data.agent);
      const waiting = done(far, 'wait', { agents: [agent], timeout: 30 });
      await kill(victim);
      expect((await waiting).agents).toMatchObject([{ turns: 1 }]);
      await done(far, 'stop', { agent });
      await done(far, 'wait', { agents: [agent], timeout: 20 });
    }
  }, 120_000);
});
