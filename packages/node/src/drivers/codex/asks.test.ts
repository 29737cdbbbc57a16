/** Codex in a workspace: made to ask before every change, and what its mode would have let through (rules W2, A5). */
import { describe, expect, test } from 'vitest';
import type { Driver, StartSpec } from '../driver.ts';
import { Play } from '../play.fixture.ts';
import { codex } from './step.ts';

const driver = codex as Driver;
const line = (method: string, params: object) =>
  JSON.stringify({ method, params: { threadId: 's', turnId: 'T', ...params } });
const answer = (id: number, result: unknown) => JSON.stringify({ id, result });
const ask = (about: string, params: object) =>
  JSON.stringify({
    ...{ id: 'q', method: `item/${about}/requestApproval` },
    params: { threadId: 's', itemId: 'c', ...params },
  });

interface Sent {
  method?: string;
  params?: Record<string, unknown>;
}
const sent = (play: Play, method: string) =>
  (play.written as Sent[]).filter((one) => one.method === method).map(({ params }) => params);

function begun(spec: Partial<StartSpec>): Play {
  const play = new Play(driver, undefined, { asks: true, ...spec });
  play.print(answer(1, { userAgent: 'skein/1.2.3 (x)' }), answer(2, { thread: { id: 's' }, model: 'm' }));
  play.prompt('p');
  play.print(answer(4, { turn: { id: 'T' } }), line('turn/started', { turn: { id: 'T' } }));
  return play;
}

/** What it says of a change of these paths. */
function asked(spec: Partial<StartSpec>, paths: string[], reason: string | null = null): unknown {
  const play = begun(spec);
  const changes = paths.map((path) => ({ path, kind: { type: 'update', move_path: null }, diff: '' }));
  play.print(line('item/started', { item: { type: 'fileChange', id: 'c', changes } }));
  play.print(ask('fileChange', { reason }));
  return play.of('approval.asked')[0]?.lets;
}
function askedToRun(spec: Partial<StartSpec>, reason: string | null = null): unknown {
  const play = begun(spec);
  play.print(ask('commandExecution', { command: 'ls', cwd: '/w', reason }));
  return play.of('approval.asked')[0]?.lets;
}

describe('codex that is to ask', () => {
  test('[W2] is told to in its thread and in each turn, in any mode, and keeps its sandbox', () => {
    const auto = begun({ mode: 'auto' });
    expect(sent(auto, 'thread/start')).toMatchObject([
      { approvalPolicy: 'untrusted', sandbox: 'workspace-write' },
    ]);
    expect(sent(auto, 'turn/start')).toMatchObject([
      { approvalPolicy: 'untrusted', sandboxPolicy: { type: 'workspaceWrite' } },
    ]);
    const plain = begun({ options: { approvalPolicy: 'never' } });
    expect(sent(plain, 'thread/start')).toMatchObject([{ approvalPolicy: 'untrusted' }]);
    expect(sent(plain, 'turn/start')).toMatchObject([{ approvalPolicy: 'untrusted' }]);
    plain.print(line('turn/completed', { turn: { id: 'T', status: 'completed' } }));
    plain.give({ type: 'mode', mode: 'full-access' });
    plain.prompt('p2');
    expect(sent(plain, 'turn/start')[1]).toMatchObject({
      ...{ approvalPolicy: 'untrusted', sandboxPolicy: { type: 'dangerFullAccess' } },
    });
  });

  test('[W2] says what its mode would have let through unasked', () => {
    expect(asked({ mode: 'full-access' }, ['/etc/x'])).toBe('anywhere');
    expect(askedToRun({ mode: 'full-access' })).toBe('anywhere');
    expect(asked({ mode: 'auto' }, ['/w/a', '/w/b/c'])).toBe('inside');
    expect(asked({ options: { approvalPolicy: 'never', sandbox: 'danger-full-access' } }, ['/w/a'])).toBe(
      'anywhere',
    );
  });

  test('[W2] and nothing beyond that', () => {
    const auto = { mode: 'auto' };
    for (const path of ['/w2/a', '/w', '/w/../etc', '/w/.git/config', '/w/.codex/x'])
      expect({ path, lets: asked(auto, [path]) }).toEqual({ path, lets: undefined });
    expect(asked(auto, ['/w/a', '/etc/x'])).toBeUndefined();
    expect(asked(auto, [])).toBeUndefined();
    expect(asked(auto, ['/w/a'], 'more access')).toBeUndefined();
    // Allowed by an answer it would run outside of its sandbox.
    expect(askedToRun(auto)).toBeUndefined();
    for (const mode of ['read-only', 'ask']) expect(asked({ mode }, ['/w/a'])).toBeUndefined();
    expect(asked({}, ['/w/a'])).toBeUndefined();
    expect(
      askedToRun({ options: { approvalPolicy: 'on-request', sandbox: 'danger-full-access' } }, 'why'),
    ).toBe(undefined);
    expect(asked({ mode: 'full-access', asks: false }, ['/w/a'])).toBeUndefined();
  });
});

test('[W2] a file that is moved is two paths', () => {
  const play = begun({});
  const changes = [{ path: '/w/a', kind: { type: 'update', move_path: '/w/b' }, diff: '' }];
  play.print(line('item/started', { item: { type: 'fileChange', id: 'c', changes } }));
  play.print(ask('fileChange', {}));
  expect(play.of('approval.asked')).toMatchObject([{ paths: ['/w/a', '/w/b'] }]);
});

test('[A5] a command that Codex takes for one that reads is asked about as the command that it is', () => {
  const play = begun({});
  const actions = [{ type: 'listFiles', command: 'find . -delete', path: '.' }];
  play.print(ask('commandExecution', { command: 'find . -delete', cwd: '/w', commandActions: actions }));
  const input = { json: { command: 'find . -delete', cwd: '/w' } };
  expect(play.of('approval.asked')).toMatchObject([{ name: 'shell', kind: 'execute', input }]);
});

test('[A5] more permissions are told whole, so that others are another question', () => {
  const same = (permissions: object) => {
    const play = begun({});
    play.print(ask('permissions', { permissions }));
    return play.of('approval.asked')[0]?.same;
  };
  const read = same({ fileSystem: { read: ['/a'] } });
  expect(read).toBe(same({ fileSystem: { read: ['/a'] } }));
  expect(read).not.toBe(same({ fileSystem: { write: ['/'] } }));
});

test('[W2] the words of a no go into the turn, before the no; a turn that has ended meanwhile is no fault', () => {
  const play = begun({});
  play.print(ask('commandExecution', { command: 'ls', cwd: '/w' }));
  play.answer('deny_once', 'Held by bob.');
  const [steer, no] = (play.written as Sent[]).slice(-2);
  expect(steer).toMatchObject({
    method: 'turn/steer',
    params: { threadId: 's', expectedTurnId: 'T', input: [{ type: 'text', text: 'Held by bob.' }] },
  });
  expect(no).toEqual({ id: 'q', result: { decision: 'decline' } });
  const { id } = steer as { id: number };
  play.print(JSON.stringify({ id, error: { code: -32600, message: 'no active turn' } }));
  expect(play.of('agent.fault')).toEqual([]);
});
