import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from './support/processes.ts';
import { TwoMachines } from './support/two-machines.ts';

const machines = new TwoMachines();
const { home, worker, work, doing } = machines;

beforeAll(() => machines.meet(), 60_000);

afterAll(() => machines.destroy());

const kept = () => worker.json<unknown[]>('ls').length;

describe.each(['stop', 'go-on'])('[L8] an agent of a grant that says %s while home is away', (away) => {
  test('goes with all that is kept of it once its machine is back, though home was ended meanwhile', async () => {
    worker.try(['grant', 'revoke', machines.peer]);
    worker.run('grant', machines.peer, '--agents', 'fake', '--dirs', work, '--term', '2s', '--away', away);
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
