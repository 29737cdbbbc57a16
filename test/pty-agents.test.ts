/** Agents in a terminal of their own (rules A7, A2, A4, A5, H3): a program of ours without hooks, and the real Claude Code. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hooksDir, putFile, reportsIn } from '@skein/node/hooks/places';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { afterEach, describe, expect, test } from 'vitest';
import { settle } from './agents/claude-terminal.ts';
import { needsAgent } from './agents/needs-agent.ts';
import { DUMMY_KEY, makeSite, type Site } from './agents/site.ts';
import { AgentWatch } from './support/agent-watch.ts';
import { type Outcome, Skein } from './support/cli.ts';
import { destroyHome, makeHome } from './support/home.ts';
import { LaneViewer } from './support/lane-viewer.ts';
import { NodeProcess } from './support/node-process.ts';
import { connectNode } from './support/transport.ts';

/** Milliseconds for a client to come back to a node that was killed. */
const RETRY_MS = 20_000;

interface Scene {
  home: string;
  work: string;
  client: Client;
  watch: AgentWatch;
  screen(): Promise<string>;
  /** Types, as somebody who is attached. */
  node(): NodeProcess;
  restart(between?: () => Promise<void> | void): Promise<void>;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function scene(definition: string, vars: Record<string, string>, cwd?: string): Promise<Scene> {
  const home = makeHome();
  const work = cwd ?? join(home, '..', 'work');
  if (cwd === undefined) mkdirSync(work);
  mkdirSync(join(home, 'agents'), { mode: 0o700 });
  writeFileSync(join(home, 'agents', 'mine.yaml'), definition);
  let node = await NodeProcess.start(home);
  const client = await connectNode(home, { retryFor: RETRY_MS });
  ends.push(async () => {
    client.close();
    await node.stop();
    destroyHome(home);
  });
  const { handle } = await client.ask('env', { vars: { PATH: process.env.PATH ?? '', ...vars } });
  const [id, agent, run] = [newId(), newId(), newId()];
  const pty = { cols: 100, rows: 30 };
  await client.command('node', 'session.open', {
    id,
    cwd: work,
    agent: { agent, run, definition: 'mine', env: handle, pty },
  });
  const watch = new AgentWatch(client, id);
  return {
    home,
    work,
    client,
    watch,
    screen: async () => (await client.ask('screen', { ref: id, form: 'text' })).data,
    node: () => node,
    async restart(between) {
      await node.kill();
      await between?.();
      node = await NodeProcess.start(home);
    },
  };
}

const TUI = `driver: pty
command: ${process.execPath}
args: [${join(import.meta.dirname, 'support/small-tui.ts')}]
version: false
pty:
  screen:
    ready: '^>$'
    working: '^\\(busy\\)'
    waiting: '\\[y/n\\]'
`;

describe('a program with nothing but a screen', () => {
  test('[A7] [A4] is prompted when it waits for that, its turns are told as guessed, and its terminal is the session’s', async () => {
    const { watch, work, screen, client } = await scene(TUI, {});
    await watch.until('it is ready', () => watch.of('agent.ready').length > 0);
    expect(watch.agent).toMatchObject({ life: 'running', pty: true, run: { driver: 'pty' } });
    const first = await watch.prompt('first thing');
    const second = await watch.prompt('second thing');
    await watch.until('the first has begun', () => watch.agent.turn?.prompt === first);
    await watch.until('the second waits', () => watch.agent.queue[0]?.prompt === second);
    writeFileSync(join(work, 'go'), '');
    await watch.until('both are over', () => watch.of('turn.ended').length === 2);
    expect(watch.of('turn.ended').map(({ reason }) => reason)).toEqual(['done', 'done']);
    expect(readFileSync(join(work, 'heard'), 'utf8')).toBe('first thing\nsecond thing\n');
    expect(watch.of('agent.note').filter(({ what }) => what.startsWith('guessed'))).toHaveLength(2);
    expect(await screen()).toContain('You said: second thing');
    const { run } = await client.ask('session', { ref: watch.session });
    expect(run).toMatchObject({ state: 'running', run: watch.agent.run?.run });
  });

  test('[A7] [A4] nothing is typed into a question; a cancel ends the turn by its key', async () => {
    const { watch, work, screen } = await scene(TUI, {});
    await watch.until('it is ready', () => watch.of('agent.ready').length > 0);
    await watch.prompt('ask me');
    await watch.until('it runs', () => watch.agent.turn !== null);
    const second = await watch.prompt('not into the question');
    await expect.poll(screen).toContain('[y/n]');
    const id = watch.session;
    await watch.client.command(`session/${id}`, 'turn.cancel', { agent: watch.agent.agent });
    expect(await screen()).toContain('Really? [y/n]');
    await watch.until('the second waits', () => watch.agent.queue[0]?.prompt === second);
    expect(existsSync(join(work, 'heard'))).toBe(false);
  });

  test('[A7] [A2] [H3] a node that is killed types nothing twice, and goes on', async () => {
    const { watch, work, restart } = await scene(TUI, {});
    await watch.until('it is ready', () => watch.of('agent.ready').length > 0);
    await watch.prompt('once only');
    await watch.until('it runs', () => watch.agent.turn !== null);
    await restart(() => writeFileSync(join(work, 'go'), ''));
    await watch.until('it is over', () => watch.of('turn.ended').length === 1);
    await watch.prompt('and again');
    await watch.until('that is over', () => watch.of('turn.ended').length === 2);
    expect(readFileSync(join(work, 'heard'), 'utf8')).toBe('once only\nand again\n');
  });

  test('[A7] [A6] its end is the terminal’s; it comes back when it is restarted, in the same session', async () => {
    const { watch, client, home } = await scene(TUI, {});
    await watch.until('it is ready', () => watch.of('agent.ready').length > 0);
    const before = watch.agent.run?.run ?? '';
    const runs = join(home, 'runs');
    expect(statSync(join(runs, before, 'hooks', 'in')).mode & 0o777).toBe(0o700);
    const target = `session/${watch.session}`;
    await client.command(target, 'run.signal', { signal: 'SIGKILL' });
    await watch.until('it has ended', () => watch.agent.life === 'exited');
    expect(watch.agent.exit).toEqual({ code: null, signal: 9 });
    await client.command(target, 'agent.restart', { agent: watch.agent.agent, run: newId(), fresh: false });
    await watch.until('it is ready again', () => watch.of('agent.ready').length === 2);
    expect(watch.agent.run?.run).not.toBe(before);
    const { run } = await client.ask('session', { ref: watch.session });
    expect(run).toMatchObject({ state: 'running', run: watch.agent.run?.run });
    await client.command(target, 'agent.stop', { agent: watch.agent.agent, grace: 2_000 });
    await watch.until('it is stopped', () => watch.agent.life === 'stopped');
    // What is kept is the last run's output, and goes with the session.
    expect(readdirSync(runs)).toEqual([watch.agent.run?.run]);
    await expect.poll(() => readdirSync(join(runs, watch.agent.run?.run ?? ''))).not.toContain('hooks');
    await client.command('node', 'session.remove', { id: watch.session, purge: true });
    await expect.poll(() => readdirSync(runs)).toEqual([]);
  });
});

describe('skein hook', () => {
  /** Runs it as the agent would, with the environment that the agent has. */
  const hook = ({ home, watch }: Scene, args: string[], input: object): Promise<Outcome> => {
    const skein = new Skein();
    const env = { ...process.env, SKEIN_HOME: home, SKEIN_RUN: watch.agent.run?.run ?? 'none' };
    Object.assign(skein.env, env);
    return skein
      .later(['hook', ...args], { input: JSON.stringify(input) })
      .finally(() => destroyHome(skein.home));
  };
  const write = { tool_name: 'Write', tool_input: { file_path: '/w/a.txt', content: 'A' } };

  test('[A7] reports what a program of any kind tells, and waits for an answer where it is asked to', async () => {
    const begun = await scene(TUI, {});
    const { watch, client } = begun;
    await watch.until('it is ready', () => watch.of('agent.ready').length > 0);
    expect(await hook(begun, ['Notification'], { message: 'By the way' })).toEqual({
      ...{ status: 0, stdout: '', stderr: '' },
    });
    await watch.until('it is noted', () => watch.of('agent.note').some(({ line }) => line === 'By the way'));
    const asking = hook(begun, ['PermissionRequest', '--wait'], write);
    await watch.until('it asks', () => watch.of('approval.asked').length === 1);
    const approval = watch.of('approval.asked')[0]?.approval ?? '';
    const body = { approval, answer: 'deny' as const, always: false, reason: 'Not there.' };
    await client.command(`session/${watch.session}`, 'approval.answer', body);
    const { status, stdout } = await asking;
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      hookSpecificOutput: {
        hookEventName: 'PermissionRequest',
        decision: { behavior: 'deny', message: 'Not there.' },
      },
    });
  });

  test('[A7] a question whose hook is ended is withdrawn; what is no hook’s JSON hurts nobody', async () => {
    const begun = await scene(TUI, {});
    const { watch, home } = begun;
    await watch.until('it is ready', () => watch.of('agent.ready').length > 0);
    const run = watch.agent.run?.run ?? '';
    const skein = new Skein();
    Object.assign(skein.env, { SKEIN_HOME: home, SKEIN_RUN: run });
    const [program, words] = skein.words('hook', 'PermissionRequest', '--wait');
    const child = spawn(program, words, { env: skein.env, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin?.end(JSON.stringify(write));
    await watch.until('it asks', () => watch.of('approval.asked').length === 1);
    child.kill('SIGTERM');
    await watch.until('it is withdrawn', () => watch.of('approval.resolved').length === 1);
    expect(watch.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
    destroyHome(skein.home);
    putFile(reportsIn(hooksDir(home, run)), 'garbage', 'not JSON\nat all');
    await watch.until('it is told', () => watch.of('agent.fault').length === 1);
    expect(await hook(begun, ['PreToolUse'], [1])).toMatchObject({ status: 0 });
    await watch.until('that is told', () => watch.of('agent.fault').length === 2);
    expect(watch.agent.life).toBe('running');
  });

  test('[A7] does nothing outside of an agent’s terminal', () => {
    const skein = new Skein();
    const outcome = skein.try(['hook', 'Stop'], { input: '{}', env: { SKEIN_RUN: 'aaaaaaaaaaaa' } });
    expect(outcome).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(existsSync(join(skein.home, 'run'))).toBe(false);
    destroyHome(skein.home);
  });
});

const CLAUDE = (program: string) => `driver: claude
command: ${program}
pty: {hooks: claude}
`;

needsAgent('claude')('Claude Code in its own terminal', (program) => {
  async function claude(): Promise<Scene & { site: Site }> {
    const site = await makeSite();
    ends.push(() => site.remove());
    settle(site);
    const { TERM: _, NO_COLOR: __, ...env } = site.env;
    const begun = await scene(
      CLAUDE(program),
      {
        ...env,
        ANTHROPIC_BASE_URL: site.model.url,
        ANTHROPIC_API_KEY: DUMMY_KEY,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: '1',
        CLAUDE_CODE_MAX_RETRIES: '0',
        DISABLE_AUTOUPDATER: '1',
      },
      site.cwd,
    );
    await begun.watch.until('it is ready', (one) => one.of('agent.ready').length > 0);
    return { ...begun, site };
  }

  const answer = ({ watch }: Scene, allow: boolean) =>
    watch.client.command(`session/${watch.session}`, 'approval.answer', {
      approval: watch.of('approval.asked').at(-1)?.approval ?? '',
      answer: allow ? 'allow' : 'deny',
      always: false,
      ...(allow ? {} : { reason: 'Not there.' }),
    });

  test('[A7] [A5] a prompt is typed, its question answered elsewhere, the file written, the turn over', async () => {
    const begun = await claude();
    const { watch, work, screen } = begun;
    await watch.prompt('[[write a.txt AAA]] [[text Done it.]]');
    await watch.until('it asks', () => watch.of('approval.asked').length === 1);
    expect(watch.of('approval.asked')).toMatchObject([{ kind: 'edit', paths: [join(work, 'a.txt')] }]);
    expect(existsSync(join(work, 'a.txt'))).toBe(false);
    await answer(begun, true);
    await watch.until('it is over', () => watch.of('turn.ended').length === 1);
    expect(readFileSync(join(work, 'a.txt'), 'utf8')).toBe('AAA');
    expect(watch.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
    expect(watch.transcript.turns).toMatchObject([
      {
        items: [
          { type: 'tool', state: 'done' },
          { type: 'approval', state: 'allowed' },
          { type: 'message', text: 'Done it.' },
        ],
      },
    ]);
    await watch.prompt('[[write b.txt BBB]] [[text Then not.]]');
    await watch.until('it asks again', () => watch.of('approval.asked').length === 2);
    await answer(begun, false);
    await watch.until('that is over', () => watch.of('turn.ended').length === 2);
    expect(existsSync(join(work, 'b.txt'))).toBe(false);
    expect(watch.of('tool.finished').at(-1)).toMatchObject({ end: 'denied' });
    expect(await screen()).toContain('Not there.');
  });

  test('[A7] [A4] a cancel interrupts it, and the next prompt goes on', async () => {
    const { watch, client, site } = await claude();
    await watch.prompt('[[text Starting]] [[hold gate]] [[text Never]]');
    await watch.until('it works', () => watch.agent.turn !== null);
    await site.model.held('gate');
    await client.command(`session/${watch.session}`, 'turn.cancel', { agent: watch.agent.agent });
    await watch.until('it is cancelled', () => watch.of('turn.ended').length === 1);
    expect(watch.of('turn.ended')).toMatchObject([{ reason: 'cancelled' }]);
    await watch.prompt('[[text Here again]]');
    await watch.until('the next is over', () => watch.of('turn.ended').length === 2);
    expect(JSON.stringify(watch.transcript)).toContain('Here again');
  });

  test('[A7] [A2] [A5] a node that is killed loses nothing of what its hooks tell, and a question asked before is answered after', async () => {
    const begun = await claude();
    const { watch, work, restart } = begun;
    await watch.prompt('[[write a.txt AAA]] [[text One.]]');
    await watch.until('it asks', () => watch.of('approval.asked').length === 1);
    await restart();
    await answer(begun, true);
    await watch.until('it is over', () => watch.of('turn.ended').length === 1);
    expect(readFileSync(join(work, 'a.txt'), 'utf8')).toBe('AAA');
    await watch.prompt('[[shell true]] [[sleep 1500]] [[text Two.]]');
    // Before that it would ask somebody who is not there whether it may.
    await watch.until('its command has run', () => watch.of('tool.finished').length === 2);
    // All that its hooks tell of the end comes while nobody is there.
    await restart(async () => {
      const reports = join(begun.home, 'runs', watch.agent.run?.run ?? '', 'hooks', 'in');
      await expect
        .poll(
          () =>
            readdirSync(reports).some((one) => readFileSync(join(reports, one), 'utf8').includes('"Stop"')),
          { timeout: 15_000 },
        )
        .toBe(true);
    });
    await watch.until('that is over', () => watch.of('turn.ended').length === 2);
    expect(watch.of('turn.ended').map(({ reason }) => reason)).toEqual(['done', 'done']);
    expect(watch.of('tool.finished')).toHaveLength(watch.of('tool.announced').length);
    expect(watch.transcript.turns[1]?.items.at(-1)).toMatchObject({ text: 'Two.' });
  });

  test('[A7] [A5] what is answered at the terminal needs no answer elsewhere', async () => {
    const { watch, client, work, screen } = await claude();
    await watch.prompt('[[write a.txt AAA]] [[text One.]]');
    await watch.until('it asks', () => watch.of('approval.asked').length === 1);
    const viewer = new LaneViewer(client, watch.session, { role: 'write', hello: { cols: 100, rows: 30 } });
    await viewer.until(() => viewer.welcome !== undefined);
    await expect.poll(screen).toContain('Do you want to create');
    viewer.type('1');
    await watch.until('it is over', () => watch.of('turn.ended').length === 1);
    expect(readFileSync(join(work, 'a.txt'), 'utf8')).toBe('AAA');
    expect(watch.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
    expect(watch.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
  });
});
