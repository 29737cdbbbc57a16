/** `skein compose` by the real programs: what a file declares is made, kept, changed, ended (rules B1, B3, B4). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ListedSession } from '@skein/protocol/sessions/asks';
import type { ListedWorkspace } from '@skein/protocol/workspaces/asks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { repository } from './support/git-repository.ts';
import { kill, until } from './support/processes.ts';

let skein: Skein;
let dir: string;

beforeAll(() => {
  skein = new Skein();
  dir = realpathSync(join(skein.home, '..'));
  defineFake(skein.home);
  mkdirSync(join(dir, 'mine'));
});
afterAll(() => skein.destroy());

const FILE = () => join(dir, 'skein.yaml');
const declare = (text: string) => writeFileSync(FILE(), text);

interface Done {
  done: { do: string; what: string }[];
  held: { what: string; needs: string }[];
}

function compose(action: string, ...options: string[]) {
  return skein.json<Done>('compose', action, '-f', FILE(), ...options);
}

const sessions = () => skein.json<ListedSession[]>('ls');
const workspaces = () => skein.json<ListedWorkspace[]>('workspace', 'ls');
const did = ({ done }: Done) => done.map((one) => `${one.do} ${one.what}`);

const SHOP = `name: shop
workspaces:
  app: {git: ./repo}
  here: {local: ./mine}
sessions:
  web:
    workspace: app
    terminal: {command: 'echo $TOKEN; sleep 1000', env: {TOKEN: canary-in-an-environment}}
  team:
    workspace: here
    policy:
      - deny: {path: "/**/.env"}
    agents:
      lead: {agent: fake, prompt: hello, depends_on: web}
      second: {agent: fake, direct: {depth: 0}}
    slots: 2
    tasks:
      after: {text: and then, to: lead, needs: [first]}
      first: {text: do this, to: lead}
`;

describe('a compose file', () => {
  test('[B1] is applied, and applied again changes nothing', () => {
    repository(join(dir, 'repo'));
    declare(SHOP);
    expect(did(compose('up'))).toEqual([
      'policy.write policy of team',
      'workspace.make workspace app',
      'workspace.make workspace here',
      'session.make session web',
      'session.make session team, agent team/lead',
      'agent.prompt agent team/lead',
      'agent.add agent team/second',
      'task.slots tasks of team',
      'task.add task team/first',
      'task.add task team/after',
    ]);
    expect(readFileSync(join(skein.home, 'policies/shop/team.yaml'), 'utf8')).toContain('/**/.env');
    const before = sessions().map(({ id }) => id);
    expect(compose('up')).toMatchObject({ done: [], held: [] });
    expect(sessions().map(({ id }) => id)).toEqual(before);
    expect(skein.try(['compose', 'diff', '-f', FILE()])).toMatchObject({ status: 0 });
    skein.run('wait', 'team/lead');
    expect(skein.run('transcript', 'team/lead')).toContain('hello');
  });

  test('[B1] what it has made is known by any name, and what was changed by hand is as declared again', () => {
    skein.run('rename', 'web', 'other');
    skein.run('stop', 'team/second');
    const changed = skein.try(['compose', 'diff', '-f', FILE()]);
    expect(changed.status).toBe(1);
    expect(did(compose('up'))).toEqual(['session.rename session web', 'agent.restart agent team/second']);
    expect(sessions().map(({ name }) => name)).toEqual(['web', 'team']);
    expect(compose('up')).toMatchObject({ done: [], held: [] });
  });

  test('[B1] killed in the middle, the next goes on', async () => {
    skein.run('compose', 'down', '--rm', '-f', FILE());
    declare(SHOP.replace('{git: ./repo}', "{git: ./repo, setup: 'sleep 5'}"));
    const child = spawn(...skein.words('compose', 'up', '-f', FILE()), { env: skein.env, stdio: 'ignore' });
    await until('the workspace is being made', () => workspaces().some(({ name }) => name === 'app'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { pid } = skein.json<{ pid: number }>('status');
    kill(pid);
    await until('the node is gone', () => !existsSync(`/proc/${pid}`));
    compose('up');
    expect(compose('up')).toMatchObject({ done: [], held: [] });
    expect(sessions().map(({ name }) => name)).toEqual(['web', 'team']);
    expect(workspaces().map(({ name }) => name)).toEqual(['app', 'here']);
  });

  test('[B3] what must be made anew, and what it does not name any more, waits until that is asked for', () => {
    const web = () => sessions().find(({ name }) => name === 'web')?.id;
    const was = web();
    declare(
      SHOP.replace('{git: ./repo}', "{git: ./repo, setup: 'sleep 5'}")
        .replace('sleep 1000', 'sleep 2000')
        .replace('      second: {agent: fake, direct: {depth: 0}}\n', ''),
    );
    expect(compose('up')).toMatchObject({
      done: [],
      held: [
        { what: 'session web', needs: 'restart' },
        { what: 'agent team/second', needs: 'prune' },
      ],
    });
    expect(web()).toBe(was);
    expect(did(compose('up', '--prune', '--restart'))).toEqual([
      'agent.remove agent team/second',
      'session.remove session web',
      'session.make session web',
    ]);
    expect(web()).not.toBe(was);
    expect(compose('up')).toMatchObject({ done: [], held: [] });
  });

  test('[B3] no value of an environment is in the log', () => {
    const events = skein.run('events', 'web', '--json');
    expect(events).not.toContain('canary-in-an-environment');
  });

  test('[B3] down ends what it has made and nothing else', () => {
    skein.run('run', '-d', '-n', 'mine', 'sleep', '1000');
    writeFileSync(join(dir, 'mine', 'kept'), 'x');
    skein.run('compose', 'down', '--project', 'shop');
    expect(sessions().map(({ name, state }) => `${name} ${state}`)).toEqual([
      'team exited',
      'web exited',
      'mine running',
    ]);
    skein.run('compose', 'down', '--rm', '--project', 'shop');
    expect(sessions().map(({ name }) => name)).toEqual(['mine']);
    expect(workspaces()).toEqual([]);
    expect(readFileSync(join(dir, 'mine', 'kept'), 'utf8')).toBe('x');
    expect(existsSync(join(skein.home, 'policies/shop'))).toBe(false);
    expect(readdirSync(join(skein.home, 'workspaces'))).toEqual([]);
  });

  test('[B3] a workspace that holds work which is nowhere else stays, and keeps nothing else from going', () => {
    declare(`name: shop
workspaces:
  app: {git: ./repo}
  empty: scratch
sessions:
  web: {terminal: sleep 1000}
`);
    expect(
      skein.try(['compose', 'up', '-f', '-'], {
        input: readFileSync(FILE(), 'utf8').replace('./repo', join(dir, 'repo')),
      }).status,
    ).toBe(0);
    const root = workspaces().find(({ name }) => name === 'app')?.root ?? '';
    writeFileSync(join(root, 'new'), 'x');
    const ended = skein.try(['compose', 'down', '--rm', '--project', 'shop', '--json']);
    expect(ended.status).toBe(1);
    const { left } = JSON.parse(ended.stdout) as { left: { code: string; message: string }[] };
    expect(left).toMatchObject([
      { code: 'work_left', message: expect.stringContaining('workspace app: it stays.') },
    ]);
    expect(workspaces().map(({ name }) => name)).toEqual(['app']);
    expect(sessions().map(({ name }) => name)).toEqual(['mine']);
    skein.run('workspace', 'rm', '--force', 'app');
  });

  test('[B3] a clone is made anew with the agents that have worktrees of it', () => {
    const text = (setup: string) => `name: shop
workspaces: {app: {git: ./repo, setup: ${setup}}}
sessions: {team: {workspace: app, agents: {one: {agent: fake}, two: {agent: fake}}}}
`;
    declare(text('echo a'));
    compose('up');
    declare(text('echo b'));
    expect(did(compose('up', '--restart'))).toEqual([
      'agent.remove agent team/two',
      'agent.remove agent team/one',
      'workspace.remove workspace app',
      'workspace.make workspace app',
      'agent.add agent team/one',
      'agent.add agent team/two',
    ]);
    expect(compose('up')).toMatchObject({ done: [], held: [] });
    skein.run('compose', 'down', '--rm', '--project', 'shop');
  });

  test('[B1] what somebody else has made is not taken over', () => {
    declare("name: shop\nsessions:\n  mine: {terminal: 'sleep 1000'}\n");
    const { status, stderr } = skein.try(['compose', 'up', '-f', FILE()]);
    expect(status).toBe(2);
    expect(stderr).toContain(':3:3: sessions.mine: there is a session "mine" that this file has not made');
  });
});
