/** The official MCP inspector on the server that runs beside an agent: lists every tool, and calls each, well and badly (rule N1). */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { TOOL_NAMES, type ToolName } from '@skein/protocol/tools/tools';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steps } from '../../support/acp-agent.ts';
import { Skein } from '../../support/cli.ts';
import { defineFake } from '../../support/fake-definition.ts';
import { repository } from '../../support/git-repository.ts';
import { agentWords } from '../../support/mcp.ts';
import { until } from '../../support/processes.ts';
import { connectNode } from '../../support/transport.ts';
import { needsAgent } from '../needs-agent.ts';

type Input = Record<string, unknown>;
/** Its exit status for a result that is an error, as for what the server refuses. */
const REFUSED = 5;

needsAgent('inspector')('the MCP inspector', (program) => {
  let skein: Skein;
  let owner: Client;
  let words: readonly string[];

  const shown = () => owner.ask('session', { ref: 'api' });
  const named = async (name: string) =>
    Object.values((await shown()).agents).find((one) => one.name === name);

  beforeAll(async () => {
    skein = new Skein();
    const base = join(skein.home, '..', 'app');
    repository(base);
    writeFileSync(join(skein.home, '..', '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.org\n');
    Object.assign(skein.env, { HOME: join(skein.home, '..') });
    defineFake(skein.home);
    skein.run('run', '-d', '-C', base, '--name', 'api', '--', 'cat');
    const { id } = skein.json<{ id: string }>('workspace', 'create', 'local', base, '--name', 'app');
    owner = await connectNode(skein.home);
    const session = (await shown()).id;
    const direct = { approve: true };
    for (const [name, tree] of [
      ['lead', false],
      ['other', true],
    ] as const) {
      const spec = { agent: newId(), run: newId(), definition: 'fake', name, workspace: id, worktree: tree };
      await owner.command(`session/${session}`, 'agent.add', { ...spec, direct });
    }
    await until('it is ready', async () => (await named('lead'))?.run?.ready === true);
    words = agentWords(skein.home, (await named('lead'))?.run?.run ?? '');
  }, 60_000);
  afterAll(() => {
    owner?.close();
    skein?.destroy();
  });

  async function inspect(
    ...args: string[]
  ): Promise<{ status: number; out: Record<string, unknown>; err: string }> {
    // In a home of its own, which it writes to.
    const home = join(skein.home, '..', 'inspector');
    mkdirSync(home, { recursive: true });
    const child = spawn(program, ['--cli', ...words, ...args, '--format', 'json'], {
      env: { PATH: `${join(process.execPath, '..')}:${process.env.PATH}`, HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
    const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { status, out: out === '' ? {} : JSON.parse(out), err };
  }
  const call = (name: string, input: Input) =>
    inspect('--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(input));

  test('[N1] lists every tool, with no schema that a client could not take', async () => {
    const { status, out, err } = await inspect('--method', 'tools/list', '--strict');
    expect([status, err]).toEqual([0, expect.stringContaining('0 errors')]);
    const { tools } = (out.result ?? out) as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).toEqual(TOOL_NAMES);
  });

  const ask = steps({ do: 'write', call: 'w1', path: '/tmp/never', content: '', ask: true });
  let hand = '';
  /** Each once and well, in an order in which each has what it needs. */
  const GOOD: [ToolName, Input | (() => Promise<Input>)][] = [
    ['list', {}],
    ['machines', {}],
    ['screen', { history: 10 }],
    ['type', { text: 'hello', keys: ['enter'] }],
    ['spawn', { definition: 'fake', name: 'hand', worktree: true, prompt: 'hello' }],
    ['wait', { agents: ['hand'], timeout: 20 }],
    ['prompt', { agent: 'hand', text: ask, wait: true, timeout: 20 }],
    ['approve', async () => ({ approval: await waiting(), answer: 'deny', reason: 'not there' })],
    ['message', { agent: 'hand', text: 'well done' }],
    ['transcript', { agent: 'hand', limit: 10 }],
    ['claim', { paths: ['src/**'] }],
    ['release', {}],
    ['diff', { agent: 'hand', stat: true }],
    ['land', { agent: 'hand', timeout: 20 }],
    ['ask', { text: 'Which one?', wait: false }],
    ['interrupt', { agent: 'hand' }],
    ['stop', { agent: 'hand' }],
    ['report', { text: 'All is done.' }],
  ];
  async function waiting(): Promise<string> {
    hand = (await named('hand'))?.agent ?? '';
    const open = Object.values((await shown()).approvals).find((one) => one.agent === hand);
    return open?.approval ?? 'none';
  }

  test('[N1] calls every tool', async () => {
    expect(GOOD.map(([name]) => name).toSorted()).toEqual(TOOL_NAMES.toSorted());
    for (const [name, input] of GOOD) {
      const { status, err, out } = await call(name, typeof input === 'function' ? await input() : input);
      expect([name, status, err, status === 0 ? '' : out]).toEqual([name, 0, '', '']);
    }
  }, 60_000);

  /** The field that the answer must name. */
  const BAD: [ToolName, Input, string | undefined][] = [
    ['screen', { history: -1 }, 'history'],
    ['type', { keys: ['no-such-key'] }, 'keys[0]'],
    ['spawn', { definition: 7 }, 'definition'],
    ['spawn', { definition: 'nobody' }, 'definition'],
    ['wait', { agents: ['lead', 'nobody'] }, 'agents[1]'],
    ['prompt', { agent: 'other' }, 'text'],
    ['approve', { approval: 'none', answer: 'maybe' }, 'answer'],
    ['message', { agent: 'nobody', text: 'x' }, 'agent'],
    ['transcript', { agent: 'other', limit: 0 }, 'limit'],
    ['claim', { paths: [] }, 'paths'],
    ['release', { paths: 'src' }, 'paths'],
    ['diff', { agent: 'nobody' }, 'agent'],
    ['land', { agent: 'other', timeout: -1 }, 'timeout'],
    ['ask', { text: 'x', options: [''] }, 'options[0]'],
    ['interrupt', {}, 'agent'],
    ['stop', { agent: 'nobody' }, 'agent'],
    ['report', { ok: false }, 'text'],
  ];

  test('[N1] is told of each bad input in which field it is', async () => {
    const untried = TOOL_NAMES.filter((name) => !BAD.some(([tried]) => tried === name));
    expect(untried).toEqual(['list', 'machines']);
    for (const [name, input, field] of BAD) {
      const { status, out } = await call(name, input);
      const result = (out.result ?? out) as {
        isError?: boolean;
        _meta?: Input;
        content?: { text: string }[];
      };
      expect([name, status, result.isError, result._meta?.['skein/field']]).toEqual([
        name,
        REFUSED,
        true,
        field,
      ]);
      expect(result.content?.[0]?.text).toContain(field);
    }
    const unknown = await call('no-such-tool', {});
    expect([unknown.status, unknown.out]).toEqual([REFUSED, {}]);
  }, 60_000);
});
