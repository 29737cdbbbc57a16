/** Policies as files, on a real disk: found, reloaded, trusted, and not led past by how a path is written (rule A5). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MAX_AGENT_PATH, MAX_AGENT_PATHS } from '@skein/protocol/agents/limits';
import type { AgentState } from '@skein/protocol/agents/state';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { realPath } from '../../platform/real-path.ts';
import { makeSite } from '../definitions/site.fixture.ts';
import { Trust, workspaceFiles } from '../definitions/trust.ts';
import { indexOf, judging } from './judging.fixture.ts';
import { bothWays, located, placesToTell } from './located.ts';
import { Policies } from './policies.ts';

const SRC = 'rules:\n  - allow: {path: src/**}\n';

test('[A5] a policy answers, names its line, and is read again when it has changed', async () => {
  const site = makeSite();
  const { ask, edits } = await judging(site);
  expect(edits('src/a')).toBeUndefined();
  site.own('policy.yaml', SRC);
  expect(ask({ paths: ['src/a'] })).toEqual({ answer: 'allow', rule: 'policy.yaml:2' });
  site.own('policy.yaml', 'rules:\n  - allow: {path: lib/**}\n\n  - deny: Edit\n');
  expect(ask({ paths: ['src/a'] })).toEqual({
    answer: 'deny',
    rule: 'policy.yaml:4',
    reason: "The user's rules do not allow this (policy.yaml:4).",
  });
  fs.rmSync(path.join(site.home, 'policy.yaml'));
  expect(edits('src/a')).toBeUndefined();
});

test("[B4] a session that a compose file has made has a policy of its own, behind the user's", async () => {
  const site = makeSite();
  const made = (part: string) => ({ compose: { project: 'shop', part, fields: {} } });
  const { ask, edits } = await judging(site, LOCAL_OWNER, made('api'));
  expect(edits('src/a')).toBeUndefined();
  site.own('policies/shop/api.yaml', SRC);
  expect(ask({ paths: ['src/a'] })).toEqual({ answer: 'allow', rule: 'shop/api.yaml:2' });
  const other = await judging(site, LOCAL_OWNER, made('web'));
  expect(other.edits('src/a')).toBeUndefined();
  site.own('policy.yaml', 'rules:\n  - deny: Edit\n');
  expect(ask({ paths: ['src/a'] })).toMatchObject({ answer: 'deny', rule: 'policy.yaml:2' });
  site.own('policy.yaml', 'rules: []');
  site.own('policies/shop/api.yaml', 'rules: [{allow: {pth: x}}]');
  expect(edits('src/a')).toBeUndefined();
});

test('[A5] nothing is answered before the policies can be read', () => {
  const site = makeSite();
  site.own('policy.yaml', 'rules: [{allow: {}}]');
  const policies = new Policies(site.home, () => {}, indexOf(site.workspace));
  const state = { members: {}, rules: [], far: {} } as unknown as SessionState;
  const judge = policies.judge(state, { definition: 'claude', cwd: site.workspace } as AgentState);
  expect(judge({ kind: 'edit', paths: [] } as never)).toBeUndefined();
});

test('[A5] a policy that cannot be read allows nothing, and says where it is wrong', async () => {
  const site = makeSite();
  site.own('agents/claude.yaml', 'driver: claude\ncommand: claude\npermissions: [{allow: {}}]\n');
  const { edits, said } = await judging(site);
  expect(edits('src/a')).toBe('allow');
  site.own('policy.yaml', 'rules:\n  - alow: {}\n');
  expect(edits('src/a')).toBeUndefined();
  expect(said.join()).toContain('policy.yaml:2:5');
});

test("[A5] a definition's permissions hold for its agents, after the user's policy", async () => {
  const site = makeSite();
  const text = 'driver: claude\ncommand: claude\npermissions:\n  - allow: {path: src/**}\n';
  site.own('agents/claude.yaml', text);
  const { ask, edits } = await judging(site);
  expect(ask({ paths: ['src/a'] })?.rule).toBe('agents/claude.yaml:4');
  site.own('policy.yaml', 'rules:\n  - deny: {path: src/secret}\n');
  expect([edits('src/secret'), edits('src/a')]).toEqual(['deny', 'allow']);
});

test("[A5] a workspace's policy counts once its user has agreed to it, and only to be stricter", async () => {
  const site = makeSite();
  site.own('policy.yaml', SRC);
  site.theirs('policy.yaml', 'rules:\n  - deny: {path: src/gen/**}\n  - allow: {}\n');
  const { edits } = await judging(site);
  expect(edits('src/gen/a')).toBe('allow');
  new Trust(site.home).agree(site.workspace, workspaceFiles(site.workspace));
  expect([edits('src/gen/a'), edits('src/a'), edits('lib/a')]).toEqual(['deny', 'allow', undefined]);
});

test('[A5] no way of writing a path leads past a rule', async () => {
  const site = makeSite();
  const { workspace } = site;
  const outside = path.join(path.dirname(workspace), 'outside');
  for (const dir of [outside, path.join(workspace, 'src'), path.join(workspace, 'secret')]) fs.mkdirSync(dir);
  fs.symlinkSync(outside, path.join(workspace, 'src/out'));
  fs.symlinkSync(path.join(outside, 'new'), path.join(workspace, 'src/dangling'));
  fs.symlinkSync('../secret', path.join(workspace, 'src/in'));
  fs.symlinkSync('loop', path.join(workspace, 'src/loop'));
  site.own('policy.yaml', `rules:\n  - deny: {path: secret/**}\n  - allow: {path: src/**}\n`);
  const { edits } = await judging(site);
  const allowed = [
    'src/a',
    './src/a',
    `${workspace}/src/a`,
    'src//a',
    'src/b/../a',
    'src/new/deep/a',
    'lib/../src/a',
  ];
  for (const one of allowed) expect([one, edits(one)]).toEqual([one, 'allow']);
  const asked = [
    ...[
      'src/../a',
      '../work/lib',
      '/etc/passwd',
      'src/out/a',
      'src/dangling',
      'src/out/../src/a',
      'src/loop',
    ],
    ...['~/src/a', '~root/a', 'file:///src/a', 'src/a\0', '', 'src/out', 'new/../src/out/a'],
  ];
  for (const one of asked) expect([one, edits(one)]).toEqual([one, undefined]);
  const denied = ['secret/a', 'src/in/a', 'src/../secret/a', 'src/out/../work/secret/a', 'secret/', 'secret'];
  for (const one of denied) expect([one, edits(one)]).toEqual([one, 'deny']);
  expect(edits('src/a', 'src/in/a')).toBe('deny');
  expect(edits('src/a', 'src/a\0')).toBeUndefined();
});

test('[A5] where a path really is, is what the system says', () => {
  const site = makeSite();
  const root = path.join(site.workspace, 'r');
  for (const dir of ['a/b', 'c']) fs.mkdirSync(path.join(root, dir), { recursive: true });
  fs.writeFileSync(path.join(root, 'c/f'), '');
  fs.symlinkSync('../c', path.join(root, 'a/l'));
  fs.symlinkSync(path.join(root, 'a/b'), path.join(root, 'c/m'));
  fs.symlinkSync('nowhere', path.join(root, 'n'));
  const name = fc.constantFrom('a', 'b', 'c', 'f', 'l', 'm', 'n', '.', '..', 'x', '');
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), (names) => {
      const given = [root, ...names].join('/');
      let real: string | undefined;
      try {
        real = fs.realpathSync.native(given);
      } catch {
        // Not there: no system could say.
      }
      if (real !== undefined) {
        expect(realPath(given)).toBe(real);
        expect(located([given], '/')?.map((one) => one.path)).toContain(real);
      }
    }),
    { numRuns: 500 },
  );
});

test('[A5] of an agent elsewhere paths are where its machine says, and until it does none is known', async () => {
  const site = makeSite();
  site.own(
    'policy.yaml',
    'rules:\n  - deny: {path: [secrets/, ~/.ssh/]}\n  - allow: {kind: edit, path: /**}\n',
  );
  const { ask } = await judging(site, LOCAL_OWNER, { far: { a1: {} } } as never);
  const answer = (paths: string[], places?: unknown) => ask({ paths, places } as never)?.answer;
  const there = (...paths: string[]) => ({
    ...{ cwd: ['/far/w'], homes: ['/home/them'] },
    paths: paths.map((one) => ({ path: one, tree: false })),
  });
  expect(answer(['a'], there('/far/w/a'))).toBe('allow');
  expect(answer(['secrets/key'], there('/far/w/secrets/key'))).toBe('deny');
  expect(answer(['link'], there('/far/w/link', '/far/w/secrets/key'))).toBe('deny');
  expect(answer(['/home/them/.ssh/id'], there('/home/them/.ssh/id'))).toBe('deny');
  // This machine's own directories mean nothing there.
  expect(answer([`${site.workspace}/secrets/a`], there(`${site.workspace}/secrets/a`))).toBe('allow');
  for (const untold of [undefined, {}, { ...there('/far/w/a'), cwd: '/far/w' }, there()])
    for (const one of ['a', 'secrets/key', '/far/w/a', `${site.workspace}/a`])
      expect([one, untold, answer([one], untold)]).toEqual([one, untold, undefined]);
  expect((await judging(site)).ask({ paths: ['secrets/a'], places: there('/a') })?.answer).toBe('deny');
});

test('[A5] [X2] a machine tells the home of an agent where the files of a question are, links followed', () => {
  const { workspace: cwd } = makeSite();
  fs.mkdirSync(path.join(cwd, 'secrets'));
  fs.symlinkSync('secrets', path.join(cwd, 'link'));
  const hosted = { home: 'h' } as unknown as NonNullable<SessionState['hosted']>;
  expect(placesToTell({ hosted: null }, { cwd })).toBeUndefined();
  const places = placesToTell({ hosted }, { cwd });
  expect(places?.(['link/key'])).toEqual({
    cwd: [cwd],
    homes: bothWays(os.homedir()),
    paths: [
      { path: path.join(cwd, 'link/key'), tree: false },
      { path: path.join(cwd, 'secrets/key'), tree: false },
    ],
  });
  expect(places?.(['a', 'sftp://b'])).toBeUndefined();
  expect(places?.([`${'a'.repeat(MAX_AGENT_PATH - 1)}`])).toBeUndefined();
});

test('[A5] a role is that of whoever prompted the turn, as it is now', async () => {
  const site = makeSite();
  site.own('policy.yaml', 'rules:\n  - allow: {role: owner, path: src/**}\n');
  expect((await judging(site)).edits('src/a')).toBe('allow');
  const member = { kind: 'member', member: 'm1', name: 'ann', device: 'd' };
  expect((await judging(site, member)).edits('src/a')).toBeUndefined();
  expect((await judging(site, null)).edits('src/a')).toBeUndefined();
  expect((await judging(site)).ask({ turn: 't2', paths: ['src/a'] })).toBeUndefined();
});

test('[A5] of a prompt that several have written it is the least that one of them may', async () => {
  const site = makeSite();
  site.own(
    'policy.yaml',
    'rules:\n  - allow: {role: [operator, owner], path: src/**}\n  - allow: {role: owner}\n',
  );
  const device = (id: string) => ({ device: id, name: id, history: 'all', from: 1, runs: {}, revoked: null });
  const member = (id: string, role: string) => ({ id, name: id, role, devices: [device(id)], revoked: null });
  const members = { op: member('op', 'operator'), view: member('view', 'viewer') };
  const by = (id: string) => ({ kind: 'member', member: id, name: id, device: id });
  const answers = async (whose: unknown, also?: unknown[]) => {
    const { edits } = await judging(site, whose, { members } as never, also);
    return [edits('src/a'), edits('lib/a')];
  };
  expect(await answers(LOCAL_OWNER)).toEqual(['allow', 'allow']);
  expect(await answers(LOCAL_OWNER, [by('op')])).toEqual(['allow', undefined]);
  expect(await answers(by('op'), [LOCAL_OWNER])).toEqual(['allow', undefined]);
  for (const one of [by('view'), by('gone'), null, { kind: 'agent', session: 's', agent: 'a', name: 'n' }])
    expect(await answers(LOCAL_OWNER, [by('op'), one])).toEqual([undefined, undefined]);
});

test('[A5] a command is what its input says, never what its title does', async () => {
  const site = makeSite();
  site.own('policy.yaml', "rules:\n  - deny: {command: 'rm *'}\n  - allow: {command: 'npm *'}\n");
  const { ask } = await judging(site);
  const runs = (title: string, command?: string) =>
    ask({
      ...{ name: 'Bash', kind: 'execute', title },
      ...(command === undefined ? {} : { input: { json: { command } } }),
    })?.answer;
  expect(runs('npm test', 'npm test')).toBe('allow');
  expect(runs('npm test', 'npm test; x')).toBeUndefined();
  expect(runs('npm test')).toBeUndefined();
  expect(runs('rm -rf x')).toBe('deny');
});

test('[A5] a change of more files than are told is not allowed for those that are', async () => {
  const site = makeSite();
  const { edits } = await judging(site);
  site.own('policy.yaml', 'rules:\n  - deny: {path: "**/.env"}\n  - allow: {path: src/**}\n');
  const some = (count: number) => Array.from({ length: count }, (_, n) => `src/f${n}`);
  expect(edits(...some(MAX_AGENT_PATHS - 1))).toBe('allow');
  expect(edits(...some(MAX_AGENT_PATHS))).toBeUndefined();
  expect(edits(...some(MAX_AGENT_PATHS - 1), '.env')).toBe('deny');
});
