/** What agents do by their tools besides directing: trees, claims, the terminal, people, long transcripts (rules N1, N4, W1, W5). */
import fs from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import type { SessionAnswer } from '@skein/protocol/sessions/asks';
import { MAX_TOOL_TEXT } from '@skein/protocol/tools/limits';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { connectAgent, done, refused, tokenOf } from './support/directing.ts';
import { defineFake } from './support/fake-definition.ts';
import { repository } from './support/git-repository.ts';
import { until } from './support/processes.ts';
import { connectNode } from './support/transport.ts';

let skein: Skein;
let base: string;
let owner: Client;
let session: string;
let lead: Client;
const clients: Client[] = [];

const shown = (): Promise<SessionAnswer> => owner.ask('session', { ref: session });
const named = async (name: string) => Object.values((await shown()).agents).find((one) => one.name === name);

async function as(name: string): Promise<Client> {
  await until(`${name} is ready`, async () => (await named(name))?.run?.ready === true);
  const client = await connectAgent(skein.home, tokenOf(skein.home, (await named(name))?.run?.run ?? ''));
  clients.push(client);
  return client;
}

beforeAll(async () => {
  skein = new Skein();
  base = join(skein.home, '..', 'app');
  repository(base);
  const config = join(skein.home, '..', 'gitconfig');
  fs.writeFileSync(config, '[user]\n\tname = Ada\n\temail = ada@example.org\n');
  Object.assign(skein.env, { GIT_CONFIG_GLOBAL: config, GIT_CONFIG_SYSTEM: '/dev/null' });
  defineFake(skein.home);
  skein.run('workspace', 'create', 'local', base, '--name', 'app');
  skein.run('run', '-d', '--name', 'work', '--', 'sh', '-c', 'echo hello; cat');
  skein.run('spawn', 'fake', '--in', 'work', '--as', 'lead', '-w', 'app', '--shared');
  owner = await connectNode(skein.home);
  session = (await owner.ask('sessions', {}))[0]?.id ?? '';
  lead = await as('lead');
}, 60_000);
afterAll(() => {
  for (const one of [...clients, owner]) one?.close();
  skein?.destroy();
});

describe('tools for work', () => {
  test('[N1] [W5] what an agent has done in its tree is seen and brought in by who has started it', async () => {
    const prompt = steps({ do: 'write', call: 'c1', path: 'new.txt', content: 'made\n' });
    await done(lead, 'spawn', { definition: 'fake', name: 'hand', worktree: true, prompt });
    await done(lead, 'wait', { agents: ['hand'] });
    const tree = (await named('hand'))?.workspace?.root ?? '';
    expect(tree).not.toBe(fs.realpathSync(base));
    // What the played agent tells of a file it writes nowhere itself.
    fs.writeFileSync(join(tree, 'new.txt'), 'made\n');
    const diff = await done(lead, 'diff', { agent: 'hand' });
    expect(diff).toMatchObject({ onto: 'main', files: [{ path: 'new.txt', added: 1, removed: 0 }] });
    expect(diff.text).toContain('+made');
    const hand = await as('hand');
    expect(await refused(hand, 'land', { agent: 'hand' })).toMatchObject({ code: 'not_allowed' });
    expect(await done(hand, 'diff', { stat: true })).toMatchObject({ files: [{ path: 'new.txt' }] });
    const failed = await done(lead, 'land', { agent: 'hand', check: 'false' });
    expect(failed).toMatchObject({ state: 'stopped' });
    expect(fs.existsSync(join(base, 'new.txt'))).toBe(false);
    const landed = await done(lead, 'land', { agent: 'hand', message: 'Add new.txt' });
    expect(landed).toMatchObject({ state: 'landed', files: [] });
    expect(landed.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(fs.readFileSync(join(base, 'new.txt'), 'utf8')).toBe('made\n');
    expect(await refused(lead, 'land', { agent: 'lead' })).toMatchObject({ code: 'not_allowed' });
    await done(lead, 'stop', { agent: 'hand' });
  }, 30_000);

  test('[N1] [W1] agents claim in their own names, wait their turn, and give back', async () => {
    await done(lead, 'spawn', { definition: 'fake', name: 'other', worktree: false });
    const other = await as('other');
    expect(await done(lead, 'claim', { paths: ['src/**'] })).toMatchObject({ held: true, paths: ['src/**'] });
    const clash = await refused(other, 'claim', { paths: ['src/a.ts'] });
    expect([clash.code, clash.message]).toEqual(['claimed', expect.stringContaining('work/lead')]);
    expect(await done(other, 'claim', { paths: ['src/b.ts'], wait: true, timeout: 0 })).toMatchObject({
      held: false,
    });
    const waiting = done(other, 'claim', { paths: ['src/a.ts'], wait: true, timeout: 20 });
    expect(await refused(lead, 'claim', { paths: ['../x'] })).toMatchObject({ field: 'paths' });
    expect((await done(lead, 'release', {})).released).toHaveLength(1);
    expect(await waiting).toMatchObject({ held: true, paths: ['src/a.ts'] });
    await done(lead, 'stop', { agent: 'other' });
  }, 30_000);

  test('[N1] the terminal is read and typed into, once each call', async () => {
    expect((await done(lead, 'screen', {})).screen).toContain('hello');
    const call = 'typed-once-1';
    for (let i = 0; i < 2; i++) await done(lead, 'type', { text: 'some words', keys: ['enter'] }, call);
    await done(lead, 'type', { keys: ['x', 'backspace', 'y', 'Enter'] });
    await until('it is echoed', async () =>
      /\ny *\ny/.test((await owner.ask('screen', { ref: session, form: 'text' })).data),
    );
    const { screen } = await done(lead, 'screen', {});
    expect(screen.split('some words')).toHaveLength(3);
  }, 30_000);

  test('[N1] cursor keys are pressed in the form that the program has asked for', async () => {
    const shows = (text: string) =>
      until(text, async () =>
        (await owner.ask('screen', { ref: session, form: 'text' })).data.includes(text),
      );
    await done(lead, 'type', { text: '\x1b[?1hon', keys: ['enter'] });
    await shows('\non');
    await done(lead, 'type', { keys: ['down', 'enter'] });
    await shows('^[OB');
    await done(lead, 'type', { text: '\x1b[?1loff', keys: ['enter'] });
    await shows('\noff');
    await done(lead, 'type', { keys: ['down', 'enter'] });
    await shows('^[[B');
  }, 30_000);

  test('[N1] [N4] a person is asked and answers, while the agent waits or later', async () => {
    const waiting = done(lead, 'ask', { text: 'Which port?', options: ['8080', '9090'] });
    let asked = '';
    await until('it is asked', async () => {
      asked = Object.keys((await shown()).questions)[0] ?? '';
      return asked !== '';
    });
    skein.run('answer', asked, '9090');
    expect(await waiting).toMatchObject({ answer: '9090', by: "this machine's user" });
    const open = await done(lead, 'ask', { text: 'And the host?', wait: false });
    expect(open.answer).toBeNull();
    skein.run('answer', open.question, 'localhost');
    expect(await done(lead, 'ask', { question: open.question })).toMatchObject({ answer: 'localhost' });
    expect(await refused(lead, 'ask', { question: 'none' })).toMatchObject({ field: 'question' });
    expect(await refused(lead, 'ask', {})).toMatchObject({ field: 'text' });
    expect(await refused(lead, 'ask', { text: 'x', options: ['a', 'a'] })).toMatchObject({
      field: 'options',
    });
  }, 30_000);

  test('[N1] answers are bounded, and what is long is read on', async () => {
    await done(lead, 'spawn', { definition: 'fake', name: 'talker' });
    for (let i = 0; i < 12; i++)
      await done(lead, 'prompt', {
        agent: 'talker',
        text: steps({ do: 'say', text: `${i} ${'long '.repeat(2_500)}` }),
        wait: true,
      });
    const all = await done(lead, 'transcript', { agent: 'talker' });
    expect(all.text.length).toBeLessThan(MAX_TOOL_TEXT + 1_000);
    expect(all.cut).toBe(true);
    expect(all.text).toContain('[message]\n11 long');
    let [from, entries, pages]: [number | null, number, number] = [0, 0, 0];
    while (from !== null) {
      const page: { next: number | null; entries: number; text: string } = await done(lead, 'transcript', {
        agent: 'talker',
        from,
        limit: 7,
      });
      expect(page.text.length).toBeLessThan(MAX_TOOL_TEXT + 1_000);
      entries += page.entries;
      pages += 1;
      from = page.next;
    }
    // Prompt, message, end of the turn.
    expect([entries, pages]).toEqual([36, 6]);
    const { agents } = await done(lead, 'wait', { agents: ['talker'] });
    expect(agents[0]?.said?.length).toBeLessThan(5_000);
    await done(lead, 'stop', { agent: 'talker' });
  }, 60_000);

  test('[N1] other machines are told, here none', async () => {
    expect(await done(lead, 'machines', {})).toMatchObject({
      machines: [],
      text: 'No other machine is known.',
    });
  });
});
