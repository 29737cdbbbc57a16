/** Agents that direct others, by their tools, against a real node with agents that are played (rules N1, N2). */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { SessionAnswer } from '@skein/protocol/sessions/asks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { callTool, connectAgent, done, refused, tokenOf } from './support/directing.ts';
import { defineFake } from './support/fake-definition.ts';
import { until } from './support/processes.ts';
import { connectNode } from './support/transport.ts';

let skein: Skein;
let owner: Client;
let session: string;
/** An agent that a person has started, and its way to its tools. */
let lead: Client;
let leadId: string;
const clients: Client[] = [];

const shown = (): Promise<SessionAnswer> => owner.ask('session', { ref: session });
const agentNamed = async (name: string) =>
  Object.values((await shown()).agents).find((one) => one.name === name);

/** The tools of an agent that runs. */
async function as(name: string): Promise<Client> {
  await until(`${name} is ready`, async () => (await agentNamed(name))?.run?.ready === true);
  const client = await connectAgent(
    skein.home,
    tokenOf(skein.home, (await agentNamed(name))?.run?.run ?? ''),
  );
  clients.push(client);
  return client;
}

async function add(name: string, direct?: object | false): Promise<Client> {
  const spec = { agent: newId(), run: newId(), definition: 'fake', name };
  await owner.command(
    `session/${session}`,
    'agent.add',
    direct === undefined ? spec : ({ ...spec, direct } as never),
  );
  return as(name);
}

beforeAll(async () => {
  skein = new Skein();
  const work = join(skein.home, '..', 'work');
  mkdirSync(work);
  defineFake(skein.home);
  defineFake(skein.home, 'quiet', 'direct: false\n');
  skein.run('run', '-d', '-C', work, '--name', 'api', 'fake');
  owner = await connectNode(skein.home, { retryFor: 20_000 });
  session = (await owner.ask('sessions', {}))[0]?.id ?? '';
  lead = await as('fake');
  leadId = (await agentNamed('fake'))?.agent ?? '';
}, 60_000);
afterAll(() => {
  for (const one of [...clients, owner]) one?.close();
  skein?.destroy();
});

describe('tools', () => {
  test('[N1] an agent starts another, prompts it, waits for it, reads it, and stops it', async () => {
    const before = await done(lead, 'list', {});
    expect(before.you).toMatchObject({ name: 'fake', depth: 2, spawn: 8, role: 'operator', approve: false });
    expect(before.definitions).toContain('fake');
    const made = await done(lead, 'spawn', { definition: 'fake', name: 'hand', prompt: 'hello' });
    expect(made).toMatchObject({ name: 'hand', left: 7 });
    const waited = await done(lead, 'wait', { agents: ['hand'] });
    expect(waited.over).toBe(false);
    expect(waited.agents).toMatchObject([
      { name: 'hand', state: 'idle', turns: 1, ended: 'done', said: 'You said: hello' },
    ]);
    const next = await done(lead, 'prompt', { agent: 'hand', text: 'more', wait: true });
    expect(next.now).toMatchObject({ turns: 2, said: 'You said: more' });
    const read = await done(lead, 'transcript', { agent: 'hand' });
    expect(read.text).toContain('[prompt by fake]\nhello');
    expect(read.text).toContain('[message]\nYou said: more');
    const paged = await done(lead, 'transcript', { agent: 'hand', from: 0, limit: 2 });
    expect(paged).toMatchObject({ entries: 2 });
    expect(paged.next).not.toBeNull();
    const state = await shown();
    expect(state.agents[made.agent]).toMatchObject({ above: [leadId], direct: { depth: 1, spawn: 8 } });
    await done(lead, 'stop', { agent: 'hand' });
    const over = await done(lead, 'wait', { agents: ['hand'] });
    expect(over.agents).toMatchObject([{ state: 'stopped' }]);
  });

  test('[N1] the same call again is the same as once', async () => {
    const call = newId();
    const spawn = { definition: 'fake', prompt: 'once' };
    const first = await done(lead, 'spawn', spawn, call);
    const again = await done(lead, 'spawn', spawn, call);
    expect(again.agent).toBe(first.agent);
    expect(again.prompt).toBe(first.prompt);
    await done(lead, 'wait', { agents: [first.agent] });
    expect((await shown()).agents[first.agent]?.turns).toBe(1);
    await done(lead, 'stop', { agent: first.agent });
  });

  test('[N1] a message names who sent it, and a report goes to who started the one that reports', async () => {
    await done(lead, 'spawn', { definition: 'fake', name: 'teller' });
    const teller = await as('teller');
    await done(teller, 'message', { agent: 'fake', text: 'are you there?' });
    await done(lead, 'wait', { agents: ['teller'] });
    await until('it has answered', async () => (await agentNamed('fake'))?.turns === 1);
    expect((await done(teller, 'transcript', { agent: 'fake' })).text).toContain(
      'Message from teller:\n\nare you there?',
    );
    expect(await done(teller, 'report', { text: 'All done.' })).toMatchObject({ to: 'fake' });
    const told = await done(lead, 'wait', { agents: ['teller'] });
    expect(told.agents[0]?.reported).toEqual({ ok: true, text: 'All done.' });
    await done(lead, 'stop', { agent: 'teller' });
  });

  test('[N1] a report that comes while its reader is at something is told when that has ended, unless it was seen', async () => {
    const busy = await add('busy');
    const id = (await agentNamed('busy'))?.agent ?? '';
    await done(busy, 'spawn', { definition: 'fake', name: 'clerk' });
    const clerk = await as('clerk');
    const turns = async () => (await agentNamed('busy'))?.turns;
    for (const [n, seen] of [false, true].entries()) {
      const before = (await turns()) ?? 0;
      const text = steps({ do: 'write', call: `w${n}`, path: 'a.txt', content: 'a', ask: true });
      const parts = [{ type: 'text' as const, text }];
      await owner.command(`session/${session}`, 'prompt.queue', { agent: id, prompt: newId(), parts });
      let approval = '';
      await until('it asks', async () => {
        const open = Object.values((await shown()).approvals).find(
          (one) => one.agent === id && !one.answered,
        );
        approval = open?.approval ?? '';
        return approval !== '';
      });
      await done(clerk, 'report', { text: `Result ${n}.` });
      expect((await agentNamed('busy'))?.queue).toEqual([]);
      if (seen) expect((await done(busy, 'wait', { agents: ['clerk'] })).text).toContain('Result 1.');
      await owner.command(`session/${session}`, 'approval.answer', {
        approval,
        answer: 'allow',
        always: false,
      });
      await until('its turns are over', async () => (await turns()) === before + (seen ? 1 : 2));
      const read = await done(clerk, 'transcript', { agent: 'busy' });
      expect(read.text.includes(`Report from clerk:\n\nResult ${n}.`)).toBe(!seen);
      expect((await agentNamed('busy'))?.unread).toEqual([]);
    }
    for (const name of ['busy', 'clerk']) skein.run('stop', `api/${name}`);
  }, 30_000);

  test('[N1] one is answered for by whom it comes from, if that may approve', async () => {
    const judge = await add('judge', { approve: true });
    const prompt = steps({ do: 'write', call: 'c1', path: 'a.txt', content: 'a', ask: true });
    await done(judge, 'spawn', { definition: 'fake', name: 'asker', prompt });
    const waited = await done(judge, 'wait', { agents: ['asker'] });
    const approval = waited.agents[0]?.asks[0]?.approval ?? '';
    expect(approval).not.toBe('');
    expect(await refused(lead, 'approve', { approval, answer: 'allow' })).toMatchObject({
      code: 'not_allowed',
    });
    const asker = await as('asker');
    expect(await refused(asker, 'approve', { approval, answer: 'allow' })).toMatchObject({
      code: 'not_allowed',
    });
    expect(await done(judge, 'approve', { approval, answer: 'deny' })).toMatchObject({ outcome: 'denied' });
    expect(await refused(judge, 'approve', { approval: 'none', answer: 'deny' })).toMatchObject({
      field: 'approval',
    });
    skein.run('stop', 'api/asker');
    skein.run('stop', 'api/judge');
  });

  test('[N1] every tool says which field is wrong, and what would be right', async () => {
    const bad: [string, unknown, string][] = [
      ['list', { all: true }, 'all'],
      ['wait', { agents: ['fake', 'hnd'] }, 'agents[1]'],
      ['wait', { agents: 'hand' }, 'agents'],
      ['wait', { timeout: 1e9, agents: ['hand'] }, 'timeout'],
      ['transcript', {}, 'agent'],
      ['transcript', { agent: 'hand', from: -1 }, 'from'],
      ['screen', { history: 'all' }, 'history'],
      ['machines', { x: 1 }, 'x'],
      ['diff', { agent: 'nobody' }, 'agent'],
      ['spawn', { definition: 'fakke' }, 'definition'],
      ['spawn', { definition: 'Fake!' }, 'definition'],
      ['spawn', { definition: 'fake', name: 'hand' }, 'name'],
      ['spawn', { definition: 'fake', promt: 'x' }, 'promt'],
      ['spawn', { definition: 'fake', on: 'mars' }, 'on'],
      ['spawn', { definition: 'fake', workspace: 'none' }, 'workspace'],
      ['prompt', { agent: 'hand' }, 'text'],
      ['prompt', { agent: 'x', text: 'y' }, 'agent'],
      ['message', { agent: 'x', text: 'y' }, 'agent'],
      ['interrupt', { agent: 7 }, 'agent'],
      ['stop', { agent: '' }, 'agent'],
      ['approve', { approval: 'a', answer: 'yes' }, 'answer'],
      ['type', {}, 'text'],
      ['type', { keys: ['enter', 'hyper-q'] }, 'keys[1]'],
      ['claim', { paths: [] }, 'paths'],
      ['release', { paths: 'a' }, 'paths'],
      ['ask', { options: ['a', 7] }, 'options[1]'],
      ['report', { text: '' }, 'text'],
      ['land', { agent: 'hand' }, 'agent'],
    ];
    for (const [name, input, field] of bad) {
      const answer = await refused(lead, name, input);
      expect([name, answer.field, answer.message]).toEqual([name, field, expect.stringContaining(field)]);
    }
    expect((await refused(lead, 'spawn', { definition: 'fakke' })).message).toContain('Near: fake');
    expect((await refused(lead, 'spawn', { definition: 'fake', promt: 'x' })).message).toContain(
      'did you mean "prompt"',
    );
    expect((await refused(lead, 'prompt', { agent: 'hnd', text: 'x' })).message).toContain('hand');
    for (const input of [null, 7, 'x', [1]])
      expect(await refused(lead, 'list', input === null ? [] : input)).toMatchObject({ code: 'bad_request' });
    await expect(callTool(lead, 'lst', {})).rejects.toMatchObject({
      code: 'not_found',
      data: { near: expect.arrayContaining(['list']) },
    });
  });

  test('[N1] an agent does only what its capability says, in its own session', async () => {
    const looker = await add('looker', { role: 'viewer' });
    for (const [name, input] of [
      ['spawn', { definition: 'fake' }],
      ['prompt', { agent: 'fake', text: 'x' }],
      ['message', { agent: 'fake', text: 'x' }],
      ['stop', { agent: 'fake' }],
      ['interrupt', { agent: 'fake' }],
      ['type', { text: 'x' }],
      ['approve', { approval: 'x', answer: 'allow' }],
    ] as const)
      expect(await refused(looker, name, input)).toMatchObject({ code: 'not_allowed' });
    expect((await done(looker, 'list', {})).you).toMatchObject({ role: 'viewer' });
    expect(await done(looker, 'report', { text: 'seen' })).toMatchObject({ to: 'the session' });
    expect(await refused(lead, 'stop', { agent: 'looker' })).toMatchObject({ code: 'not_allowed' });
    expect(await refused(lead, 'prompt', { agent: 'fake', text: 'me' })).toMatchObject({
      code: 'not_allowed',
    });
    await expect(lead.ask('tool', { call: newId(), name: 'list', input: {}, session })).rejects.toMatchObject(
      {
        code: 'not_allowed',
      },
    );
    await expect(lead.ask('sessions', {})).rejects.toMatchObject({ code: 'not_allowed' });
    expect(
      await lead.command(`session/${session}`, 'agent.remove', { agent: leadId }).catch((e) => e),
    ).toMatchObject({
      code: 'not_allowed',
    });
    skein.run('stop', 'api/looker');
  });

  test('[N1] a token is of one run, and no other opens the door', async () => {
    const gone = await add('gone');
    const run = (await agentNamed('gone'))?.run?.run ?? '';
    const token = tokenOf(skein.home, run);
    expect(statSync(join(skein.home, 'runs', run, 'capability')).mode & 0o777).toBe(0o600);
    expect(skein.run('events', 'api', '--json')).not.toContain(token.slice(-22));
    skein.run('stop', 'api/gone');
    await until('it has ended', async () => (await agentNamed('gone'))?.life === 'stopped');
    await expect(callTool(gone, 'list', {})).rejects.toMatchObject({ code: 'not_allowed' });
    const wrong = `${token.slice(0, -22)}${'A'.repeat(22)}`;
    for (const proof of [token, wrong, 'nonsense', '', `${session}.${run}.`]) {
      const client = await connectAgent(skein.home, proof).catch((error) => error);
      if (client instanceof Error) expect(client).toMatchObject({ code: 'not_allowed' });
      else await expect(callTool(client, 'list', {})).rejects.toMatchObject({ code: 'not_allowed' });
    }
    const { agent } = await done(lead, 'spawn', { definition: 'quiet' });
    await done(lead, 'wait', { agents: [agent] });
    expect((await shown()).agents[agent]).toMatchObject({ direct: null });
    expect(() => tokenOf(skein.home, 'quiet')).toThrow();
    await done(lead, 'stop', { agent });
  });

  test("[N1] the machine's user has the same tools", async () => {
    const all = await done(owner, 'list', {});
    expect(all.you).toBeNull();
    expect(all.agents.map(({ name }) => name)).toContain('fake');
  });

  test('[N1] people say at the start of an agent what it may do with others', async () => {
    skein.run(
      'spawn',
      'fake',
      '--in',
      'api',
      '--as',
      'few',
      '--depth',
      '1',
      '--children',
      '2',
      '--may-approve',
    );
    expect((await agentNamed('few'))?.direct).toEqual({
      depth: 1,
      spawn: 2,
      role: 'operator',
      approve: true,
    });
    skein.run('spawn', 'fake', '--in', 'api', '--as', 'none', '--no-direct');
    expect((await agentNamed('none'))?.direct).toBeUndefined();
    for (const [option, value] of [
      ['--depth', '99'],
      ['--children', 'x'],
      ['--role', 'king'],
    ] as const) {
      const { status, stderr } = skein.try(['spawn', 'fake', '--in', 'api', option, value]);
      expect([status, stderr]).toEqual([2, expect.stringContaining(option)]);
    }
    expect(skein.try(['run', '-d', '--depth', '1', '--', 'true']).stderr).toContain('--depth is for agents');
    for (const name of ['few', 'none']) skein.run('stop', `api/${name}`);
  });
});
