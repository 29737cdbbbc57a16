/** What people read of claims, refusals, conflicts and landings. */
import { expect, test } from 'vitest';
import { workspaceRemark } from './workspace-text.ts';

const there = { workspace: 'w', workspaceName: 'app' };
const claude = { kind: 'run', run: 'r', session: 's', agent: 'a', name: 'claude' } as const;
const codex = { kind: 'run', run: 'q', session: 's', agent: 'b', name: 'codex' } as const;

test('[W2] an agent that was kept from writing is told with who holds what', () => {
  const body = { ...there, run: 'r', agent: 'a', call: 'c', paths: ['x', 'y'], why: 'held' };
  const told = workspaceRemark({
    type: 'claim.refused',
    body: { ...body, holder: codex, until: null, message: 'all of it' },
  });
  expect(told).toEqual({
    tone: 'fault',
    text: 'kept from writing x, y: held by codex',
    detail: 'all of it',
    agents: ['a'],
  });
  const stale = { ...body, why: 'stale', holder: null, until: null, message: '' };
  expect(workspaceRemark({ type: 'claim.refused', body: stale })?.text).toContain(
    'changed since it was read',
  );
});

test('[W4] a conflict is told to both sides', () => {
  const writers = [{ run: 'q', session: 's', agent: 'b', name: 'codex' }];
  const body = { ...there, conflict: 'k', path: 'x', what: 'changed', holder: claude, claim: 'c', writers };
  const told = workspaceRemark({ type: 'conflict.found', body });
  expect(told?.text).toBe('conflict: x, which claude holds, was changed by codex');
  expect(told?.agents).toEqual(['a', 'b']);
  expect(workspaceRemark({ type: 'conflict.found', body: { ...body, writers: [] } })?.text).toMatch(
    /by somebody outside$/,
  );
});

test('[W1] claims that were asked for are told, those of a turn are not', () => {
  const taken = { ...there, claim: 'c', run: 'r', agent: 'a', globs: ['src/**'], fence: 1, implicit: false };
  expect(workspaceRemark({ type: 'claim.taken', body: taken })?.text).toBe('holds src/** in app');
  expect(workspaceRemark({ type: 'claim.taken', body: { ...taken, implicit: true } })).toBeUndefined();
  const over = { ...there, claim: 'c', run: 'r', agent: 'a', globs: ['1', '2', '3', '4'] };
  expect(workspaceRemark({ type: 'claim.released', body: { ...over, why: 'turn' } })).toBeUndefined();
  expect(workspaceRemark({ type: 'claim.released', body: { ...over, why: 'stolen' } })?.text).toBe(
    'lost 1, 2, 3 and 1 more in app: taken from it',
  );
});

test('[W5] a landing is told as it goes, and why it stopped', () => {
  const body = {
    ...{ ...there, agent: 'a', landing: 'l', from: 'f', branch: 'b', onto: 'main', how: 'rebase' },
    ...{ before: null, after: null, commits: 2, message: null, paths: [] },
  };
  const text = (change: object) => workspaceRemark({ type: 'landing.changed', body: { ...body, ...change } });
  expect(text({ state: 'running', onto: '' })?.text).toBe('landing');
  expect(text({ state: 'stopped', onto: '', message: 'It has no branch.' })?.text).toBe(
    'not landed: It has no branch.',
  );
  expect(text({ state: 'landed' })?.text).toBe('landed on main: 2 commits');
  const stopped = text({ state: 'stopped', message: 'Both changed it.\nMend it.', paths: ['x'] });
  expect(stopped).toMatchObject({ text: 'not landed on main (x): Both changed it.', detail: 'Mend it.' });
});

test('[L7] what is none of it, withheld or not known is passed over', () => {
  for (const body of [null, undefined, 'x', {}]) {
    expect(workspaceRemark({ type: 'message.delta', body })).toBeUndefined();
    expect(workspaceRemark({ type: 'later', body })).toBeUndefined();
  }
});
