/** What is asked of an agent whose machine cannot be reached is told as soon as it can be, and holds nobody up (rules X2, B3). */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { freePort } from './support/free-port.ts';
import { until } from './support/processes.ts';

const place = realpathSync(mkdtempSync(join(tmpdir(), 'sk-away-')));
const file = join(place, 'skein.yaml');
let worker: Skein;
let home: Skein;

beforeAll(async () => {
  mkdirSync(join(place, 'work'));
  worker = new Skein();
  home = new Skein();
  defineFake(worker.home);
  worker.run('mesh', '--on', '--listen', `127.0.0.1:${await freePort()}`);
  home.run('mesh', '--on');
  const { peer } = home.json<{ peer: string }>('node', 'show');
  home.run('node', 'add', worker.json<{ locator: string }>('node', 'show').locator, '--name', 'box');
  worker.run('grant', peer, '--agents', 'fake', '--dirs', join(place, 'work'));
}, 60_000);

afterAll(() => {
  for (const one of [home, worker]) one?.destroy();
  rmSync(place, { recursive: true, force: true });
});

interface Event {
  type: string;
  body: { type?: string };
}
const restarts = () =>
  home
    .json<Event[]>('events', 'api')
    .filter(({ type, body }) => type === 'far.told' && body.type === 'agent.restart');
const doing = () => home.json<{ doing: string }[]>('agents', 'api')[0]?.doing;

describe('an agent that has ended on a machine that is away', () => {
  const agent = `agents: {a: {agent: fake, on: box, cwd: ${join(place, 'work')}}}`;
  const up = (more = '') => {
    writeFileSync(file, `name: p\nmachines: {box: {}}\nsessions:\n  api: {${agent}}\n${more}`);
    return home.later(['compose', 'up', '-f', file]);
  };

  test('[X2] is told to start, and whoever asks is told at once that it is away', async () => {
    expect((await up()).status).toBe(0);
    await until('it is ready', () => doing() === 'idle');
    home.run('stop', 'api');
    worker.run('down');
    await until('that is known', () => home.json<{ path: string }[]>('nodes')[0]?.path === 'none');
    await until('it is away', () => home.run('agents', 'api').includes('away'));
    const { status, stderr } = await home.later(['restart', 'api/a']);
    expect(stderr).toContain('peer_unreachable');
    expect(status).toBe(4);
    expect(restarts()).toHaveLength(1);
  });

  test('[B3] keeps nothing else of its file from being made, and is told once', async () => {
    const more = '  other: {terminal: sleep 600}\n';
    expect(await up(more)).toMatchObject({ status: 0, stderr: '' });
    expect(home.run('ls')).toContain('sleep 600');
    await up(more);
    expect(restarts()).toHaveLength(1);
    worker.run('up');
    await until('it runs again', () => doing() === 'idle');
  });
});
