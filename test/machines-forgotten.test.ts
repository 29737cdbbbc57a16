/** Agents that are forgotten at home while their machine cannot be reached, as two real nodes do it (rules X3, L8). */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { freePort } from './support/free-port.ts';
import { until } from './support/processes.ts';

const place = realpathSync(mkdtempSync(join(tmpdir(), 'sk-forgotten-')));
const work = join(place, 'work');
let worker: Skein;
let home: Skein;
let peer: string;

beforeAll(async () => {
  mkdirSync(work, { recursive: true });
  worker = new Skein();
  home = new Skein();
  defineFake(worker.home);
  worker.run('mesh', '--on', '--listen', `127.0.0.1:${await freePort()}`);
  home.run('mesh', '--on');
  peer = home.json<{ peer: string }>('node', 'show').peer;
  home.run('node', 'add', worker.json<{ locator: string }>('node', 'show').locator, '--name', 'box');
}, 60_000);

afterAll(() => {
  for (const one of [home, worker]) one?.destroy();
  rmSync(place, { recursive: true, force: true });
});

const doing = (ref: string) => home.json<{ doing: string }[]>('agents', ref)[0]?.doing;
const kept = () => worker.json<unknown[]>('ls').length;

describe.each(['stop', 'go-on'])('[L8] an agent of a grant that says %s while home is away', (away) => {
  test('goes with all that is kept of it once its machine is back, though home was ended meanwhile', async () => {
    worker.try(['grant', 'revoke', peer]);
    worker.run('grant', peer, '--agents', 'fake', '--dirs', work, '--term', '2s', '--away', away);
    home.run('spawn', 'fake', '--on', 'box', '--dir', work, '-n', 'api');
    await until('it is ready', () => doing('api') === 'idle');
    home.run('prompt', '-w', 'api', 'what nobody else is to read');
    worker.run('down');
    await until('its lease has run out', () => home.run('ls').includes('its lease has run out'));
    home.run('rm', '--force', '--purge', 'api');
    home.run('down');
    worker.run('up');
    // Nothing tells it as long as home is ended.
    expect(kept()).toBe(1);
    home.run('up');
    await until('nothing of it is there', () => kept() === 0);
  });
});
