/** Calling somebody when an agent waits and nobody who may answer looks (rule A5), with a real command. */

import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Role } from '@skein/protocol/members/roles';
import { emptySession, reduceSession, type SessionState } from '@skein/protocol/sessions/state';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Gate } from '../members/gate.ts';
import { findByEnvironment } from '../platform/process.ts';
import { WaitingHook } from './waiting-hook.ts';
import { Watching } from './watching.ts';

const ID = 'sessionaaaaa';
const CALLED = { agent: 'a', run: 'r', approval: 'r.a1' };
let home: string;

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-hook-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  fs.rmSync(home, { recursive: true, force: true });
});

function listed(devices: Record<string, Role>) {
  const admitted = Object.entries(devices).map(([id, role]) => [id, { member: 'm', name: 'n', role }]);
  return { id: ID, devices: Object.fromEntries(admitted) } as unknown as ReturnType<Gate['session']>;
}

function waiting(title = 'rm -rf "$HOME"'): SessionState {
  const asked = {
    approval: 'r.a1',
    agent: 'a',
    run: 'r',
    turn: 't',
    call: 'c',
    tool: 'Bash',
    kind: 'execute' as const,
  };
  const about = {
    title,
    detail: null,
    paths: [],
    options: [],
    offset: 1,
    at: 1,
    answered: null,
  };
  return { ...emptySession(ID), name: 'work', approvals: { 'r.a1': { ...asked, ...about } } };
}

describe('whoever looks', () => {
  test('[A5] counts as long as they look, and only if they may answer', () => {
    const watching = new Watching({ session: () => listed({ d1: 'viewer', d2: 'approver' }) });
    const viewer = watching.follows({ kind: 'device', device: 'd1' }, `session/${ID}`);
    watching.follows({ kind: 'device', device: 'd2' }, 'session/otheraaaaaaa');
    watching.follows({ kind: 'device', device: 'stranger' }, `session/${ID}`);
    watching.follows({ kind: 'owner', via: 'local' }, 'node');
    expect(watching.mayAnswer(ID)).toBe(false);
    const approver = watching.waits({ kind: 'device', device: 'd2' }, null);
    expect(watching.mayAnswer(ID)).toBe(true);
    approver();
    viewer();
    expect(watching.mayAnswer(ID)).toBe(false);
    const owner = watching.follows({ kind: 'owner', via: 'local' }, `session/${ID}`);
    expect(watching.mayAnswer(ID)).toBe(true);
    owner();
    expect(watching.mayAnswer(ID)).toBe(false);
  });
});

test('[A5] whoever is attached to its terminal looks, if they may answer', () => {
  const watching = new Watching({ session: () => listed({ d1: 'viewer', d2: 'approver' }) });
  expect(watching.mayAnswer(ID, ['d1', 'stranger'])).toBe(false);
  expect(watching.mayAnswer(ID, ['d1', 'd2'])).toBe(true);
  expect(watching.mayAnswer(ID, ['local'])).toBe(true);
});

describe('the hook', () => {
  const hookOf = (looked: boolean, state = waiting()) =>
    new WaitingHook({
      ...{ home, session: async () => state, mayAnswer: () => looked, log: () => {} },
      called: async (session, approval) => called.push(`${session} ${approval}`),
    });
  let called: string[] = [];
  beforeEach(() => {
    called = [];
  });
  const configure = (command: string) =>
    fs.writeFileSync(path.join(home, 'config.json'), JSON.stringify({ hooks: { waiting: command } }));

  test('[A5] runs once a question; what the agent said is in its environment, and is no word of the command', async () => {
    const told = path.join(home, 'told');
    configure(`printf '%s|%s|%s\\n' "$SKEIN_SESSION_NAME" "$SKEIN_APPROVAL" "$SKEIN_TITLE" >> '${told}'`);
    const [watcher] = [fs.watch(home)];
    const hook = hookOf(false);
    hook.asks(ID, ['r.a1']);
    hook.asks(ID, ['r.a1']);
    await vi.advanceTimersByTimeAsync(1_000);
    while (!fs.existsSync(told) || fs.readFileSync(told, 'utf8') === '')
      await once(watcher as fs.FSWatcher, 'change');
    expect(fs.readFileSync(told, 'utf8')).toBe('work|r.a1|rm -rf "$HOME"\n');
    expect(called).toEqual([`${ID} r.a1`]);
    watcher?.close();
    hook.stop();
  });

  test('[A5] is given whatever an agent says, and what no program can be given ends nothing', async () => {
    const told = path.join(home, 'told');
    configure(`printf '%s\\n' "$SKEIN_TITLE" >> '${told}'`);
    const [watcher] = [fs.watch(home)];
    const hook = hookOf(false, waiting('rm\0-rf'));
    hook.asks(ID, ['r.a1']);
    await vi.advanceTimersByTimeAsync(1_000);
    while (!fs.existsSync(told) || fs.readFileSync(told, 'utf8') === '')
      await once(watcher as fs.FSWatcher, 'change');
    expect(fs.readFileSync(told, 'utf8')).toBe('rm -rf\n');
    watcher?.close();
    const logged = vi.fn();
    const failing = new WaitingHook({
      ...{ home, session: async () => waiting('x'.repeat(3_000_000)), mayAnswer: () => false },
      ...{ log: logged, called: async () => {} },
    });
    failing.asks(ID, ['r.a1']);
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.waitFor(() => expect(logged).toHaveBeenCalled());
    failing.stop();
    hook.stop();
  });

  test('[A5] after its 30 seconds all that it has started ends, and whoever waited for its place is called', async () => {
    const told = path.join(home, 'told');
    vi.stubEnv('SKEIN_HOME_OF_TEST', home);
    configure(`echo $$ >> '${told}'; sleep 60; echo`);
    const watcher = fs.watch(home);
    const logged = vi.fn();
    const hook = new WaitingHook({
      ...{ home, session: async () => waiting(), mayAnswer: () => false },
      ...{ log: logged, called: async () => {} },
    });
    const pids = () => (fs.existsSync(told) ? fs.readFileSync(told, 'utf8').trim().split('\n') : []);
    for (let n = 0; n < 9; n++) hook.asks(`session${n}`, ['r.a1']);
    await vi.advanceTimersByTimeAsync(1_000);
    while (pids().length < 8) await once(watcher, 'change');
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.waitFor(() => expect(logged).toHaveBeenCalledTimes(8));
    await vi.waitFor(() => expect(pids()).toHaveLength(9), { timeout: 10_000 });
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.waitFor(() => expect(logged).toHaveBeenCalledTimes(9));
    await vi.waitFor(() => expect(findByEnvironment('SKEIN_HOME_OF_TEST', home)).toEqual([]));
    watcher.close();
    hook.stop();
    vi.unstubAllEnvs();
  });

  test('[N4] calls for a question as well, with what is asked in its environment', async () => {
    const told = path.join(home, 'told');
    configure(`printf '%s|%s|%s\\n' "$SKEIN_SESSION_NAME" "$SKEIN_QUESTION" "$SKEIN_TITLE" >> '${told}'`);
    const [watcher] = [fs.watch(home)];
    const body = { question: 'q1', n: 1, text: 'Which $(port)?', options: [] };
    const state = reduceSession(
      { ...emptySession(ID), name: 'work' },
      { type: 'question.asked', at: 1, by: null, body },
      1,
    );
    const hook = hookOf(false, state);
    hook.asks(ID, [], 'approval');
    hook.asks(ID, ['q1'], 'question');
    await vi.advanceTimersByTimeAsync(1_000);
    while (!fs.existsSync(told) || fs.readFileSync(told, 'utf8') === '')
      await once(watcher as fs.FSWatcher, 'change');
    expect(fs.readFileSync(told, 'utf8')).toBe('work|q1|Which $(port)?\n');
    watcher?.close();
    hook.stop();
  });

  test('[A5] is silent while somebody looks, when the question is settled or was called for, and without a command', async () => {
    const told = path.join(home, 'told');
    configure(`touch '${told}'`);
    hookOf(true).asks(ID, ['r.a1']);
    hookOf(false, emptySession(ID)).asks(ID, ['r.a1']);
    hookOf(
      false,
      reduceSession(waiting(), { type: 'approval.called', at: 2, by: null, body: CALLED }, 2),
    ).asks(ID, ['r.a1']);
    await vi.advanceTimersByTimeAsync(2_000);
    fs.writeFileSync(path.join(home, 'config.json'), 'no json');
    hookOf(false).asks(ID, ['r.a1']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(fs.existsSync(told)).toBe(false);
  });
});
