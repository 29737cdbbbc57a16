/** Agents of a session that run on another machine, as two real nodes do it (rules X1–X3, A4, A5). */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { until } from './support/processes.ts';

const place = realpathSync(mkdtempSync(join(tmpdir(), 'sk-far-')));
const work = join(place, 'work');
let worker: Skein;
let home: Skein;
let peer: string;

beforeAll(() => {
  mkdirSync(work, { recursive: true });
  worker = new Skein();
  home = new Skein();
  defineFake(worker.home);
  for (const one of [worker, home]) one.run('mesh', '--on');
  peer = home.json<{ peer: string }>('node', 'show').peer;
  home.run('node', 'add', worker.json<{ locator: string }>('node', 'show').locator, '--name', 'box');
  worker.run('grant', peer, '--agents', 'fake', '--dirs', work, '--max', '8');
}, 60_000);

afterAll(() => {
  for (const one of [home, worker]) one?.destroy();
  rmSync(place, { recursive: true, force: true });
});

const doing = (ref: string) => home.json<{ doing: string }[]>('agents', ref)[0]?.doing;

describe('[X1] an agent on another machine', () => {
  test('is prompted, asks, is answered, cancelled, stopped and started again as one of this machine', async () => {
    home.run('spawn', 'fake', '--on', 'box', '--dir', work, '-n', 'api');
    await until('it is ready', () => doing('api') === 'idle');
    expect(home.run('prompt', '-w', 'api', 'hello')).toContain('You said: hello');
    expect(home.run('transcript', 'api')).toContain('You said: hello');
    home.run('stop', 'api');
    await until('it has stopped', () => doing('api') === 'stopped');
    home.run('restart', 'api');
    await until('it is ready again', () => doing('api') === 'idle');
    expect(home.run('prompt', '-w', 'api', 'once more')).toContain('You said: once more');
    home.run('rm', '--force', 'api');
    await until('it is forgotten there', () => worker.json<unknown[]>('ls').length === 0);
  });
});
