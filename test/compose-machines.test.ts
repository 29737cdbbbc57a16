/** Compose files with agents on another machine, as two real nodes have it (rules B1, B3, X1). */
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { repository } from './support/git-repository.ts';
import { until } from './support/processes.ts';

let worker: Skein;
let home: Skein;
let dir: string;
let peer: string;
let locator: string;

beforeAll(() => {
  worker = new Skein();
  home = new Skein();
  dir = realpathSync(join(home.home, '..'));
  defineFake(worker.home);
  for (const one of [worker, home]) one.run('mesh', '--on');
  mkdirSync(join(dir, 'work'));
  repository(join(dir, 'repo'));
  peer = home.json<{ peer: string }>('node', 'show').peer;
  locator = worker.json<{ locator: string }>('node', 'show').locator;
}, 60_000);
afterAll(() => {
  for (const one of [home, worker]) one?.destroy();
});

const file = () => join(dir, 'skein.yaml');
const declare = (box: string, agents: string) =>
  writeFileSync(
    file(),
    `name: shop
machines: {box: ${box}}
workspaces: {app: {git: ./repo}}
sessions:
  team:
    workspace: app
    agents:
${agents}`,
  );
const up = (...options: string[]) => home.try(['compose', 'up', '-f', file(), '--json', ...options]);
const done = (...options: string[]) => {
  const { stdout, stderr } = up(...options);
  return {
    stderr,
    done: stdout === '' ? [] : (JSON.parse(stdout).done as { what: string }[]).map(({ what }) => what),
  };
};
const doing = (name: string) =>
  home.json<{ name: string; doing: string }[]>('agents', 'team').find((one) => one.name === name)?.doing;

const TWO = () => `      there: {agent: fake, on: box, cwd: ${join(dir, 'work')}, prompt: hello}
      handed: {agent: fake, on: box}
`;

describe('a compose file with agents elsewhere', () => {
  test('[B2] says what to do where the machine is not known', () => {
    declare('{}', TWO());
    const { status, stderr } = up();
    expect(status).toBe(2);
    expect(stderr).toContain(':2:12: machines.box: no machine is called');
    expect(stderr).toContain('skein node show');
  });

  test('[X1] tells that the machine has given no grant, and goes on when it has', () => {
    declare(`{locator: ${locator}}`, TWO());
    const refused = up();
    expect(refused.status).toBe(5);
    expect(refused.stderr).toContain('not_granted');
    expect(refused.stderr).toContain('agent team/there');
    worker.run('grant', peer, '--agents', 'fake', '--dirs', join(dir, 'work'), '--max', '4');
    expect(done()).toEqual({
      stderr: '',
      done: ['session team, agent team/there', 'agent team/there', 'agent team/handed'],
    });
  });

  test('[B1] has it once, and again when it was stopped', async () => {
    await until('it has answered', () => doing('there') === 'idle');
    await until('the other is ready', () => doing('handed') === 'idle');
    expect(home.run('transcript', 'team/there')).toContain('You said: hello');
    expect(done()).toEqual({ stderr: '', done: [] });
    home.run('stop', 'team/there');
    await until('it has stopped', () => doing('there') === 'stopped');
    expect(done()).toEqual({ stderr: '', done: ['agent team/there'] });
    expect(done()).toEqual({ stderr: '', done: [] });
  });

  test('[B3] ends it there, too', async () => {
    declare(`{locator: ${locator}}`, TWO().split('\n').slice(0, 1).join('\n'));
    expect(done('--prune')).toEqual({ stderr: '', done: ['agent team/handed'] });
    home.run('compose', 'down', '--rm', '-f', file());
    expect(home.json('compose', 'ps', '--project', 'shop')).toEqual([]);
    await until('nothing of it is there', () => worker.json<unknown[]>('ls').length === 0, 20_000);
  });
});
