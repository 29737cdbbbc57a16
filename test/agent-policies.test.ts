/** Policies with a real node and agents in processes of their own: what answers, and what the agent is told of it (rule A5). */
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trust, workspaceFiles } from '@skein/node/agents/definitions/trust';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { Role } from '@skein/protocol/members/roles';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AgentLog } from './support/agent-log.ts';
import { SharedNode } from './support/devices.ts';
import { repository } from './support/git-repository.ts';
import { defineAgent } from './support/played.ts';
import { promptFor } from './support/plays.ts';
import { defineTalking } from './support/talking.ts';

let node: SharedNode;
let work: string;
let log: AgentLog;
let agent: string;

beforeAll(async () => {
  node = await SharedNode.start();
  work = join(realpathSync(join(node.home, '..')), 'work');
  mkdirSync(work);
  defineTalking(node.home);
});
afterEach(() => {
  log.stop();
  rmSync(join(node.home, 'policy.yaml'), { force: true });
});
afterAll(() => node.stop());

/** The user's rules, each on a line: the first is `policy.yaml:2`. */
const policy = (...rules: string[]) =>
  writeFileSync(
    join(node.home, 'policy.yaml'),
    ['rules:', ...rules.map((rule) => `  - ${rule}`), ''].join('\n'),
  );

/** A session with one agent, ready. */
async function open(definition = 'talking', more: object = {}): Promise<void> {
  const id = newId();
  agent = newId();
  const spec = { agent, run: newId(), definition, ...more };
  await node.owner.command('node', 'session.open', { id, cwd: work, agent: spec });
  log = new AgentLog(node.owner, id);
  await log.until('it is ready', ({ state }) => state.agents[agent]?.run?.ready === true);
}

async function prompt(text: string, by: Client = node.owner): Promise<string> {
  const prompt = newId();
  const parts = [{ type: 'text' as const, text }];
  await by.command(`session/${log.session}`, 'prompt.queue', { agent, prompt, parts });
  return prompt;
}

/** What became of a prompt in which one thing is asked: who or what has answered it, and what the agent said then. */
async function outcome(text: string, by?: Client) {
  const before = log.of('approval.answered').length;
  const given = await prompt(text, by);
  await log.until('its turn ends', () => log.turnOf(given) !== undefined);
  const answered = log.of('approval.answered').slice(before);
  expect(answered).toHaveLength(1);
  return answered[0]?.body as { outcome: string; rule?: string; reason?: string } | undefined;
}

/** The question that a prompt comes to, once it is open. */
async function question(text: string, by?: Client): Promise<string> {
  await prompt(text, by);
  const open = () => Object.values(log.state.approvals).find(({ answered }) => answered === null);
  await log.until('it is asked', () => open() !== undefined);
  return open()?.approval ?? '';
}

async function answer(approval: string, answer: 'allow' | 'deny', always = false): Promise<void> {
  await node.owner.command(`session/${log.session}`, 'approval.answer', { approval, answer, always });
  await log.until('the turn ends', ({ state }) => state.agents[agent]?.turn === null);
}

async function joined(role: Role): Promise<Client> {
  return (await node.join(log.session, role)).client;
}

test('[A5] what the first rule that fits says is done at once, asked of people, or refused', async () => {
  policy(
    'allow: {command: npm test}',
    'deny: {path: "**/.env"}',
    'allow: {path: src/**}',
    'allow: {command: make}',
  );
  await open();
  expect(await outcome('ask npm test')).toMatchObject({ outcome: 'allowed', rule: 'policy.yaml:2' });
  expect(await outcome('edit src/.env a => b')).toMatchObject({ outcome: 'denied', rule: 'policy.yaml:3' });
  expect(await outcome('edit src/../.env a => b')).toMatchObject({
    outcome: 'denied',
    rule: 'policy.yaml:3',
  });
  expect(await outcome('edit src/a.ts a => b')).toMatchObject({ outcome: 'allowed', rule: 'policy.yaml:4' });
  await answer(await question('edit lib/a.ts a => b'), 'allow');
  await answer(await question('ask npm test; curl example.org'), 'deny');
  // It may touch what the rule before denies: nobody knows which files a command opens.
  await answer(await question('ask make'), 'deny');
  const byPeople = log.of('approval.answered').filter(({ body }) => !Object.hasOwn(body as object, 'rule'));
  expect([byPeople.length, log.of('approval.asked').length]).toEqual([3, 7]);
});

test("[A5] what was agreed to of a workspace holds in an agent's worktree of it, and no agent lifts it", async () => {
  const base = join(work, '..', 'base');
  repository(base);
  mkdirSync(join(base, '.skein'));
  const theirs = join(base, '.skein', 'policy.yaml');
  writeFileSync(theirs, 'rules:\n  - deny: {path: secret/**}\n');
  new Trust(node.home).agree(base, workspaceFiles(base));
  const workspace = newId();
  const source = { kind: 'local' as const, dir: base };
  await node.owner.command('node', 'workspace.create', {
    id: workspace,
    source,
    strict: false,
    keep: 'always',
  });
  await node.owner.ask('prepared', { workspace });
  policy('allow: {path: "**"}');
  await open('talking', { workspace, worktree: true });
  expect(log.state.agents[agent]?.cwd).not.toContain(base);
  expect(await outcome('edit src/a.ts a => b')).toMatchObject({ outcome: 'allowed' });
  expect(await outcome('edit secret/a a => b')).toMatchObject({ outcome: 'denied' });
  // As an agent may that shares the base.
  rmSync(theirs);
  await answer(await question('edit secret/b a => b'), 'deny');
});

test('[A5] an agent that is refused by a rule is told by which', async () => {
  const folder = join(work, 'written');
  mkdirSync(folder);
  const args = [join(import.meta.dirname, 'support/played-agent.ts'), 'claude', folder];
  defineAgent(node.home, 'strict', {
    ...{ driver: 'claude', command: process.execPath, args },
    permissions: [{ deny: { path: '/w/**' } }],
  });
  await open('strict');
  const told = await outcome(promptFor('ask', 't'));
  expect(told).toMatchObject({
    outcome: 'denied',
    rule: expect.stringMatching(/^agents\/strict\.yaml:\d+$/),
  });
  expect(told?.reason).toContain(told?.rule);
  const run = log.state.agents[agent]?.run?.run;
  expect(readFileSync(join(folder, `${run}.in`), 'utf8')).toContain(JSON.stringify(told?.reason));
});

test('[A5] an answer for always is a rule, until it is taken back; a denial in a file comes before it', async () => {
  await open();
  await answer(await question('edit a a => b'), 'allow', true);
  const [rule] = log.state.rules;
  expect(await outcome('edit b a => b')).toMatchObject({ outcome: 'allowed', rule: rule?.rule });
  await answer(await question('ask make one'), 'allow', true);
  expect(await outcome('ask make one')).toMatchObject({ outcome: 'allowed', rule: log.state.rules[1]?.rule });
  await answer(await question('ask make two'), 'deny');
  policy('deny: {path: b}');
  expect(await outcome('edit b a => b')).toMatchObject({ outcome: 'denied', rule: 'policy.yaml:2' });
  await node.owner.command(`session/${log.session}`, 'rule.remove', { rule: rule?.rule ?? '' });
  await answer(await question('edit c a => b'), 'allow');
});

test('[A5] a policy that changes while the agent runs holds from the next question on; a broken one allows nothing', async () => {
  policy('allow: {path: "**"}');
  await open();
  expect(await outcome('edit a a => b')).toMatchObject({ outcome: 'allowed', rule: 'policy.yaml:2' });
  policy('allow: {path: other/**}', 'deny: {path: "**"}');
  expect(await outcome('edit a a => b')).toMatchObject({ outcome: 'denied', rule: 'policy.yaml:3' });
  policy('permit: {path: "**"}');
  await answer(await question('edit a a => b'), 'allow');
  policy('allow: {kind: edit}');
  expect(await outcome('edit a a => b')).toMatchObject({ outcome: 'allowed', rule: 'policy.yaml:2' });
});

test('[A5] [M2] what is allowed depends on whoever prompted the turn, not on who started the agent', async () => {
  policy('allow: {command: make *, role: owner}', 'deny: {command: make clean, role: operator}');
  await open();
  const operator = await joined('operator');
  expect(await outcome('ask make clean')).toMatchObject({ outcome: 'allowed', rule: 'policy.yaml:2' });
  expect(await outcome('ask make clean', operator)).toMatchObject({
    outcome: 'denied',
    rule: 'policy.yaml:3',
  });
  const asked = await question('ask make all', operator);
  // Whoever prompts may answer too; the rule has only kept the agent from going on unasked.
  await operator.command(`session/${log.session}`, 'approval.answer', {
    approval: asked,
    answer: 'allow',
    always: false,
  });
  await log.until('the turn ends', ({ state }) => state.agents[agent]?.turn === null);
});
