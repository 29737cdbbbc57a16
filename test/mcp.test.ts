/** The MCP server that runs beside an agent, by the official client, on a real node (rule N1). */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ErrorCode, type Progress } from '@modelcontextprotocol/sdk/types.js';
import { toolsScript } from '@skein/node/agents/tools-script';
import { startTime } from '@skein/node/platform/process';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { TOOL_NAMES } from '@skein/protocol/tools/tools';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { agentWords, called, connectMcp, type Mcp } from './support/mcp.ts';
import { kill, lives, until } from './support/processes.ts';
import { connectNode } from './support/transport.ts';

let skein: Skein;
let owner: Client;
let lead: Mcp;
let session: string;
const open: Mcp[] = [];

const shown = () => owner.ask('session', { ref: session });
const named = async (name: string) => Object.values((await shown()).agents).find((one) => one.name === name);

beforeAll(async () => {
  skein = new Skein();
  const work = join(skein.home, '..', 'work');
  mkdirSync(work);
  defineFake(skein.home);
  skein.run('run', '-d', '-C', work, '--name', 'api', 'fake');
  owner = await connectNode(skein.home, { retryFor: 60_000 });
  session = (await owner.ask('sessions', {}))[0]?.id ?? '';
  await until('it is ready', async () => (await named('fake'))?.run?.ready === true);
  lead = await connectMcp(agentWords(skein.home, (await named('fake'))?.run?.run ?? ''));
  open.push(lead);
}, 60_000);
afterAll(async () => {
  for (const { client } of open) await client.close();
  owner?.close();
  skein?.destroy();
});

test('[N1] the tools are listed, and called: an agent starts another, gives it work, waits for it and reads it', async () => {
  const { tools } = await lead.client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(TOOL_NAMES);
  expect(lead.client.getServerVersion()).toMatchObject({ name: 'skein' });
  expect((await called(lead, 'list')).data).toMatchObject({ you: { name: 'fake', role: 'operator' } });
  await called(lead, 'spawn', { definition: 'fake', name: 'hand', prompt: 'hello' });
  const waited = await called(lead, 'wait', { agents: ['hand'] });
  expect(waited.data).toMatchObject({ over: false, agents: [{ name: 'hand', said: 'You said: hello' }] });
  expect((await called(lead, 'transcript', { agent: 'hand' })).text).toContain('You said: hello');
  expect((await named('hand'))?.above).toEqual([(await named('fake'))?.agent]);
});

test('[N1] bad input is a result that names the field; a tool that there is not is an error of the protocol', async () => {
  const { client } = lead;
  expect(await client.callTool({ name: 'wait', arguments: { agents: ['hand', 'hnd'] } })).toMatchObject({
    ...{ isError: true, _meta: { 'skein/field': 'agents[1]' } },
    content: [{ type: 'text', text: expect.stringMatching(/agents\[1\].*hand/s) }],
  });
  expect(await client.callTool({ name: 'prompt', arguments: { agent: 'hand' } })).toMatchObject({
    ...{ isError: true, _meta: { 'skein/code': 'bad_request', 'skein/field': 'text' } },
  });
  await expect(client.callTool({ name: 'wat', arguments: {} })).rejects.toMatchObject({
    ...{ code: ErrorCode.InvalidParams, message: expect.stringContaining('"wat"') },
  });
});

test('[N1] a node that is killed in mid-call answers once it is back, and what was called has been done once', async () => {
  const text = steps({ do: 'say', text: 'Begun.' }, { do: 'hang' });
  const given = called(lead, 'prompt', { agent: 'hand', text, wait: true, timeout: 60 });
  await until('it is at it', async () => (await named('hand'))?.turn?.prompt != null);
  const { pid } = owner.node;
  kill(pid);
  // While no node is there.
  const spawned = called(lead, 'spawn', { definition: 'fake', name: 'later', prompt: 'once' });
  skein.run('ls');
  await until('it is back', () =>
    owner.ask('sessions', {}).then(
      () => owner.node.pid !== pid,
      () => false,
    ),
  );
  await spawned;
  const hand = (await named('hand'))?.agent ?? '';
  await owner.command(`session/${session}`, 'turn.cancel', { agent: hand });
  expect((await given).data).toMatchObject({ over: false, now: { name: 'hand', ended: 'cancelled' } });
  await called(lead, 'wait', { agents: ['later'] });
  expect((await named('later'))?.turns).toBe(1);
});

test('[N1] a call can be cancelled, tells on the way that it lives, and others go on beside it', async () => {
  const busy = steps({ do: 'hang' });
  await called(lead, 'prompt', { agent: 'hand', text: busy });
  await until('it is at it', async () => (await named('hand'))?.turn?.prompt != null);
  const cancel = new AbortController();
  const ticked = new Promise<Progress>((resolve) => {
    const wait = { name: 'wait', arguments: { agents: ['hand'], timeout: 60 } };
    const options = { signal: cancel.signal, onprogress: resolve };
    lead.client.callTool(wait, undefined, options).catch(() => {});
  });
  expect((await called(lead, 'list')).text).toContain('hand (fake): working');
  expect((await ticked).progress).toBeGreaterThan(0);
  cancel.abort();
  expect((await called(lead, 'interrupt', { agent: 'hand' })).data).toMatchObject({
    turn: expect.any(String),
  });
  await called(lead, 'wait', { agents: ['hand'] });
});

test('[N1] it ends with its client', async () => {
  const words = agentWords(skein.home, (await named('fake'))?.run?.run ?? '');
  const other = await connectMcp(words);
  const pid = other.transport.pid ?? 0;
  const process = { pid, start: startTime(pid) ?? '' };
  expect((await called(other, 'list')).text).toContain('You are fake');
  await other.client.close();
  await until('it has ended', () => !lives(process));
});

test('[N1] with its run an agent has lost its tools', async () => {
  const later = await connectMcp(agentWords(skein.home, (await named('later'))?.run?.run ?? ''));
  open.push(later);
  expect((await called(later, 'list')).text).toContain('You are later');
  await called(lead, 'stop', { agent: 'later' });
  await called(lead, 'wait', { agents: ['later'] });
  expect(await later.client.callTool({ name: 'list', arguments: {} })).toMatchObject({
    ...{ isError: true, _meta: { 'skein/code': 'not_allowed' } },
  });
});

test('[N1] one that directs nobody has none', async () => {
  const spec = { agent: newId(), run: newId(), definition: 'fake', name: 'quiet' };
  await owner.command(`session/${session}`, 'agent.add', { ...spec, direct: false });
  await until('it is ready', async () => (await named('quiet'))?.run?.ready === true);
  expect(existsSync(toolsScript(skein.home, spec.run))).toBe(false);
});

test('[N1] without a capability it is the user of the machine who calls, in the session that was named', async () => {
  const words = skein.words('mcp', '--home', skein.home, '--session', 'api');
  const [program, args] = words;
  const mine = await connectMcp([program, ...args], {
    PATH: process.env.PATH ?? '',
    HOME: join(skein.home, '..'),
  });
  open.push(mine);
  expect((await called(mine, 'list')).data).toMatchObject({ session: 'api', you: null });
  await called(mine, 'prompt', { agent: 'hand', text: 'from me', wait: true });
  expect((await called(mine, 'transcript', { agent: 'hand' })).text).toContain('You said: from me');
  // A node that was killed is started for them, as for any command.
  kill(owner.node.pid);
  expect((await called(mine, 'list')).data).toMatchObject({ session: 'api' });
});
