/** A workspace goes only as it was looked at last: after its teardown, and after a cut (rule W5). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import { emptyWorkspace } from '@skein/protocol/workspaces/reduce';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mounts, needs } from '../../../../../test/support/needs.ts';
import type { EffectHandler } from '../../kernel/types.ts';
import { mountsIn } from '../../platform/mounts.ts';
import { REMOVE_WORKSPACE } from '../decide-life.ts';
import { makeFiles } from './make.ts';
import { Makings, type MakingsContext } from './makings.ts';
import { Repos } from './repos.fixture.ts';

let repos: Repos;
beforeEach(() => {
  repos = new Repos();
});
afterEach(() => repos.destroy());

/** A clone that is to go, and how it does. */
async function going(more: Partial<WorkspaceState> = {}) {
  const wanted = repos.wanted({ kind: 'git', url: repos.repository() });
  await makeFiles(wanted);
  const { id, root, name, source } = wanted;
  let state: WorkspaceState = {
    ...emptyWorkspace(id),
    ...{ id, root, name, source, life: 'removing', before: 'ready' },
    ...more,
  };
  const handlers = new Map<string, EffectHandler>();
  const kernel: MakingsContext['kernel'] = {
    registerEffect: (handler) => void handlers.set(handler.kind, handler),
    state: async <S>() => ({ state: state as S, cursor: { epoch: 0, offset: 0 } }),
    submit: async (_, { body }) => {
      const { step, state: now } = body as WorkspaceEvents['workspace.step'];
      state = { ...state, steps: { ...state.steps, [step]: now } };
      return { ok: true, value: {}, cursor: null };
    },
  };
  new Makings({ kernel, home: repos.home, bundle: repos.dir, awaited: async () => false });
  const remove = ({ force = false, resumed = false } = {}) =>
    handlers
      .get(REMOVE_WORKSPACE)
      ?.run(
        { id, force, last: false },
        { id: 'remove', target: `workspace/${id}`, resumed, signal: new AbortController().signal },
      );
  return { root, remove, steps: () => state.steps };
}

const teardown = (command: string) => ({ teardown: { command, timeout: 10_000 } });

test('[W5] what comes into it while its teardown runs keeps it, unless it is forced', async () => {
  const { root, remove, steps } = await going(teardown('echo precious > work'));
  expect(await remove()).toEqual({
    kept: { code: 'work_left', message: 'It holds 1 file that git does not know (work).' },
  });
  expect(steps()).toEqual({ teardown: 'done' });
  expect(fs.readFileSync(path.join(root, 'work'), 'utf8')).toBe('precious\n');
  expect(await remove({ force: true })).toEqual({ told: '' });
  expect(repos.beside()).toEqual([]);
});

test('[W5] its teardown does not run where there was work before it', async () => {
  const { root, remove, steps } = await going(teardown('rm -rf work'));
  repos.write(root, 'work', 'precious');
  expect(await remove()).toMatchObject({ kept: { code: 'work_left' } });
  expect(steps()).toEqual({});
  expect(fs.existsSync(path.join(root, 'work'))).toBe(true);
});

test('[W5] [K4] one that was about to go when the node ended is looked at again', async () => {
  const { root, remove } = await going({ steps: { remove: 'begun' } });
  repos.write(root, 'work', 'precious');
  expect(await remove({ resumed: true })).toMatchObject({ kept: { code: 'work_left' } });
  fs.rmSync(path.join(root, 'work'));
  expect(await remove({ resumed: true })).toEqual({ told: '' });
  expect(await remove({ resumed: true })).toEqual({ told: '' });
});

test('[W5] where git cannot tell it stays, and says why', async () => {
  const { root, remove, steps } = await going({ keep: 'last' });
  fs.writeFileSync(path.join(root, '.git/config'), '<<<<<<< HEAD\n');
  expect(await remove()).toEqual({
    kept: { code: 'git_failed', message: expect.stringMatching(/cannot be told, so it stays.*bad config/) },
  });
  expect([steps(), fs.existsSync(root)]).toEqual([{}, true]);
});

needs(mounts)('what is mounted in one', () => {
  test('[W5] keeps it as it is, forced or not, until that is unmounted', async () => {
    const { root, remove, steps } = await going();
    const theirs = repos.path('theirs of mine');
    repos.write(theirs, 'precious', 'precious\n');
    fs.chmodSync(theirs, 0o755);
    fs.appendFileSync(path.join(root, '.git/info/exclude'), 'data\n');
    const place = path.join(root, 'data');
    fs.mkdirSync(place);
    execFileSync('mount', ['--bind', theirs, place]);
    try {
      for (const force of [false, true])
        expect(await remove({ force })).toMatchObject({
          kept: { code: 'not_allowed', message: expect.stringContaining(place) },
        });
      expect([steps(), fs.existsSync(path.join(root, 'a.txt'))]).toEqual([{}, true]);
      expect(fs.statSync(theirs).mode & 0o777).toBe(0o755);
    } finally {
      for (const at of mountsIn(repos.dir)) execFileSync('umount', [at]);
    }
    expect(await remove()).toEqual({ told: '' });
    expect(fs.readdirSync(theirs)).toEqual(['precious']);
  });
});
