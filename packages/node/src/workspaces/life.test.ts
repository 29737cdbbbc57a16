/** Decisions about workspaces: made, entered, left, removed, each with all that it tells others, or not at all (rules W5, K3). */
import type { ErrorCode } from '@skein/protocol/errors';
import { SkeinError } from '@skein/protocol/errors';
import { sizeOf, valueAt } from '@skein/protocol/keyed';
import { workspacesIn } from '@skein/protocol/sessions/node-state';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { PREPARE_WORKSPACE, REMOVE_WORKSPACE } from './decide-life.ts';
import { Units } from './units.fixture.ts';
import { insideOf } from './visits.ts';

const BASE = 'baseaaaaaaaa';
const SESSION = 'sessionaaaaa';
const READY = { git: { branch: 'main', head: 'f'.repeat(40) }, folds: { case: false, unicode: false } };
const STARTED = { host: 'h', pid: 7, start: '1', driver: 'acp', argv: ['x'], stuckAfter: 0 };
const RESTART = { when: 'on-failure' as const, most: 2, delay: 1_000 };
const idOf = (n: number, what = 'agent') =>
  `${what}${'abcdefghijklmnop'[n % 16]}${'abcdefghijklmnop'[n >> 4]}aaaaaaaa`.slice(0, 12);

let units: Units;
beforeEach(() => {
  units = new Units();
});

function refusal(what: () => unknown): ErrorCode | undefined {
  try {
    what();
  } catch (error) {
    if (error instanceof SkeinError) return error.code;
    throw error;
  }
  return undefined;
}

function base(kind: 'git' | 'scratch' = 'git', more: object = {}): void {
  const source = kind === 'git' ? { kind, url: '/up' } : { kind };
  units.give('node', 'workspace.create', { id: BASE, name: 'app', source, ...more });
  units.outcome(PREPARE_WORKSPACE, { value: READY });
}

const open = (more: object = {}) =>
  units.give('node', 'session.open', {
    ...{ id: SESSION, name: 'work', cwd: '/elsewhere' },
    agent: { agent: idOf(0), run: idOf(0, 'run'), definition: 'claude', workspace: BASE, ...more },
  });
const add = (n: number, more: object = {}) =>
  units.give(`session/${SESSION}`, 'agent.add', {
    ...{ agent: idOf(n), run: idOf(n, 'run'), definition: 'claude', workspace: BASE, ...more },
  });
const started = (run: string) =>
  units.outcome(
    'start-agent',
    { value: { ...STARTED, restart: RESTART, strength: { files: 'guarded', shell: 'watched' } } },
    run,
  );
const exited = (run: string, code: number) =>
  units.tell(`session/${SESSION}`, 'agent.stepped', {
    ...{ run, cells: [] },
    events: [{ type: 'agent.exited', body: { run, code, signal: null } }],
  });

describe('an agent that is put into a workspace', () => {
  test('[W5] in a clone has a worktree of its own, made and entered in the same transaction', () => {
    base();
    open();
    const tree = units.workspace(idOf(0));
    expect(tree).toMatchObject({
      name: 'app-claude',
      root: `/ws/${idOf(0)}`,
      keep: 'last',
      life: 'preparing',
    });
    expect(tree.source).toEqual({ kind: 'worktree', of: BASE });
    expect(tree.agent).toEqual({ session: SESSION, agent: idOf(0) });
    expect(Object.keys(tree.runs)).toEqual([idOf(0, 'run')]);
    const agent = units.session(SESSION).agents[idOf(0)];
    expect(agent).toMatchObject({
      bound: true,
      cwd: tree.root,
      workspace: { id: idOf(0), name: 'app-claude' },
    });
    expect(units.session(SESSION).cwd).toBe(tree.root);
    units.outcome(PREPARE_WORKSPACE, { value: READY });
    started(idOf(0, 'run'));
    expect(units.workspace(idOf(0)).runs[idOf(0, 'run')]).toMatchObject({
      name: 'work/claude',
      strength: { files: 'guarded' },
    });
    add(1, { cwd: 'deep/er' });
    expect(units.workspace(idOf(1)).name).toBe('app-claude-2');
    expect(units.session(SESSION).agents[idOf(1)]?.cwd).toBe(`/ws/${idOf(1)}/deep/er`);
  });

  test('[W5] shares it where that was said, or where it is no clone', () => {
    base('scratch');
    open();
    add(1, { worktree: true });
    expect(Object.keys(units.workspace(BASE).runs)).toEqual([idOf(0, 'run')]);
    expect(units.workspace(idOf(1)).life).toBe('preparing');
    expect(
      workspacesIn(units.node)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['app', 'app-claude-2']);
  });

  test('[W5] is refused as a whole: nothing is left of it', () => {
    expect(refusal(() => open())).toBe('not_found');
    units.give('node', 'workspace.create', { id: BASE, source: { kind: 'scratch' } });
    expect(refusal(() => open())).toBe('not_ready');
    expect(units.session(SESSION).created).toBe(0);
    units.outcome(PREPARE_WORKSPACE, { value: READY });
    expect(refusal(() => open({ cwd: '../..' }))).toBe('bad_cwd');
    open();
    const before = units.node;
    expect(refusal(() => add(0))).toBe('name_taken');
    expect(refusal(() => add(1, { cwd: '/etc', worktree: true }))).toBe('bad_cwd');
    expect(units.node).toBe(before);
    const member = { kind: 'member', member: 'm', name: 'bob', device: 'd' };
    expect(
      refusal(() =>
        units.give(
          `session/${SESSION}`,
          'agent.add',
          { agent: idOf(1), run: idOf(1, 'run'), definition: 'x', workspace: BASE },
          member,
        ),
      ),
    ).toBe('not_allowed');
  });

  test('[W5] keeps its worktree while it rests, and gives it up when it is over', () => {
    base();
    open();
    units.outcome(PREPARE_WORKSPACE, { value: READY });
    started(idOf(0, 'run'));
    exited(idOf(0, 'run'), 1);
    expect(units.session(SESSION).agents[idOf(0)]?.life).toBe('resting');
    expect(units.workspace(idOf(0))).toMatchObject({ life: 'ready', runs: {} });
    units.now = units.session(SESSION).agents[idOf(0)]?.until ?? units.now;
    units.tell(`session/${SESSION}`, 'agent.again', { agent: idOf(0), run: idOf(9, 'run') });
    expect(Object.keys(units.workspace(idOf(0)).runs)).toEqual([idOf(9, 'run')]);
    started(idOf(9, 'run'));
    exited(idOf(9, 'run'), 1);
    units.give(`session/${SESSION}`, 'agent.stop', { agent: idOf(0) });
    expect(units.workspace(idOf(0)).life).toBe('removing');
    expect(valueAt(units.node.workspaces, idOf(0))?.life).toBe('removing');
    units.outcome(REMOVE_WORKSPACE, { value: { told: '' } });
    expect(valueAt(units.node.workspaces, idOf(0))).toBeUndefined();
    const data = { advice: expect.stringContaining('skein spawn') };
    expect(() =>
      units.give(`session/${SESSION}`, 'agent.restart', { agent: idOf(0), run: idOf(8, 'run') }),
    ).toThrowError(expect.objectContaining({ code: 'not_ready', data: expect.objectContaining(data) }));
  });
});

describe('the end of a workspace', () => {
  test('[W5] is refused while somebody is in it, or while another is a worktree of it', () => {
    base();
    open({ worktree: false });
    expect(refusal(() => units.give(`workspace/${BASE}`, 'workspace.remove', { force: true }))).toBe(
      'still_running',
    );
    units.outcome('start-agent', { error: new SkeinError('agent_missing', 'no') });
    units.give('node', 'workspace.create', {
      id: idOf(5),
      name: 'tree',
      source: { kind: 'worktree', of: BASE },
    });
    expect(refusal(() => units.give(`workspace/${BASE}`, 'workspace.remove', {}))).toBe('work_left');
    expect(units.workspace(BASE).life).toBe('ready');
  });

  test('[W5] is taken back where it holds what is nowhere else, and where its removal fails in part it has failed', () => {
    base('scratch');
    units.give(`workspace/${BASE}`, 'workspace.remove', {});
    expect(refusal(() => open())).toBe('not_ready');
    units.outcome(REMOVE_WORKSPACE, { value: { kept: { code: 'work_left', message: 'It holds 1 file.' } } });
    expect(units.workspace(BASE)).toMatchObject({ life: 'ready', why: 'It holds 1 file.' });
    units.give(`workspace/${BASE}`, 'workspace.remove', { force: true });
    units.tell(`workspace/${BASE}`, 'workspace.stepped', {
      step: 'remove',
      state: 'begun',
      code: null,
      output: '',
    });
    units.outcome(REMOVE_WORKSPACE, { error: new SkeinError('internal', 'EIO') });
    expect(units.workspace(BASE)).toMatchObject({ life: 'failed', why: 'EIO' });
    expect(valueAt(units.node.workspaces, BASE)?.life).toBe('failed');
  });

  test('[W5] gives up what was claimed in it', () => {
    base('scratch');
    const take = (claim: string, wait: boolean) =>
      units.give(`workspace/${BASE}`, 'claim.take', { claim, globs: ['a/**'], wait });
    take(idOf(0, 'claim'), false);
    units.give(`workspace/${BASE}`, 'workspace.remove', {});
    units.outcome(REMOVE_WORKSPACE, { value: { told: '' } });
    expect(units.workspace(BASE)).toMatchObject({ life: 'removed', waiters: [] });
    expect(sizeOf(units.workspace(BASE).claims)).toBe(0);
  });

  test('[W5] one that was being made is not made any more', () => {
    units.give('node', 'workspace.create', { id: BASE, source: { kind: 'scratch' } });
    units.give(`workspace/${BASE}`, 'workspace.remove', {});
    units.outcome(PREPARE_WORKSPACE, { value: READY });
    expect(units.workspace(BASE).life).toBe('removing');
    expect(
      refusal(() =>
        units.tell(`workspace/${BASE}`, 'workspace.stepped', {
          step: 'setup',
          state: 'begun',
          code: null,
          output: '',
        }),
      ),
    ).toBe('gone');
  });
});

test('[W5] whatever becomes of agents, a workspace knows who is in it, and one that nobody comes back to goes', () => {
  const act = fc.record({
    do: fc.constantFrom(
      'add',
      'share',
      'start',
      'fail',
      'exit0',
      'exit1',
      'again',
      'stop',
      'restart',
      'remove',
      'prepare',
    ),
    n: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      units = new Units();
      base();
      open({ agent: idOf(15), run: idOf(15, 'run'), worktree: false });
      const to = `session/${SESSION}`;
      let fresh = 16;
      for (const { do: what, n } of acts) {
        const agent = units.session(SESSION).agents[idOf(n)];
        const run = agent?.run?.run ?? '';
        // What cannot be done now is refused as a whole, and changes nothing.
        refusal(() => {
          if (what === 'add') add(n, { run: idOf(fresh++, 'run') });
          if (what === 'share') add(n, { run: idOf(fresh++, 'run'), worktree: false });
          if (what === 'prepare' && units.workspace(idOf(n)).life === 'preparing')
            units.tell(`workspace/${idOf(n)}`, 'effect.outcome', {
              id: 'prepare',
              kind: PREPARE_WORKSPACE,
              status: 'done',
              value: READY,
            });
          const end = (how: object) =>
            units.tell(to, 'effect.outcome', { id: run, kind: 'start-agent', ...how });
          if (what === 'start') end({ status: 'done', value: { ...STARTED, restart: RESTART } });
          if (what === 'fail') end({ status: 'failed', error: { code: 'agent_missing', message: 'no' } });
          if (what === 'exit0' || what === 'exit1') exited(run, Number(what.at(-1)));
          if (what === 'again') {
            units.now = agent?.until ?? units.now;
            units.tell(to, 'agent.again', { agent: idOf(n), run: idOf(fresh++, 'run') });
          }
          if (what === 'stop') units.give(to, 'agent.stop', { agent: idOf(n) });
          if (what === 'restart')
            units.give(to, 'agent.restart', { agent: idOf(n), run: idOf(fresh++, 'run') });
          if (what === 'remove') units.give(to, 'agent.remove', { agent: idOf(n) });
        });
        const inside = [...insideOf(units.session(SESSION))];
        for (const { id, life } of workspacesIn(units.node)) {
          const here = inside.filter(([, one]) => one.workspace === id);
          const working = here.filter(([, one]) => !one.rests).map(([name]) => name);
          const state = units.workspace(id);
          expect(state.life).toBe(life);
          if (life !== 'removing') expect(Object.keys(state.runs).sort()).toEqual(working.sort());
          // A worktree that is ready is there for somebody.
          if (id !== BASE && life === 'ready') expect(here.length).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 200 },
  );
});
