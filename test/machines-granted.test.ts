/** What home's user is told when a grant holds their agent back, or is taken away (rules X1, X3, K5). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from './support/processes.ts';
import { TwoMachines } from './support/two-machines.ts';

const machines = new TwoMachines();
const { home, worker, doing: does } = machines;

beforeAll(async () => {
  await machines.meet();
  machines.grant();
}, 60_000);

afterAll(() => machines.destroy());

async function refused(...args: string[]): Promise<[number | null, { code: string; message: string }]> {
  const { status, stderr } = await home.later([...args, '--json']);
  return [status, JSON.parse(stderr).error];
}

test('[X1] [K5] one too many is refused, when it is new and when it is started again; what is revoked is said', async () => {
  home.run('spawn', 'fake', '--on', 'box', '-n', 'one');
  await until('it is ready', () => does('one') === 'idle');
  expect(await refused('spawn', 'fake', '--on', 'box', '-n', 'two')).toMatchObject([
    5,
    { code: 'limit_reached' },
  ]);
  home.run('stop', 'one');
  await until('it has stopped', () => does('one') === 'stopped');
  home.run('spawn', 'fake', '--on', 'box', '-n', 'three');
  await until('the other is ready', () => does('three') === 'idle');
  expect(await refused('restart', 'one')).toMatchObject([5, { code: 'limit_reached' }]);
  expect(worker.json<{ used: number }[]>('grants')).toMatchObject([{ used: 1 }]);
  worker.run('grant', 'revoke', machines.peer);
  await until('it was ended', () => does('three') === 'stopped');
  const [status, { code, message }] = await refused('restart', 'three');
  expect([status, code]).toEqual([1, 'lease_lost']);
  expect(message).toMatch(/^box: .*revoked/);
  expect((await refused('spawn', 'fake', '--on', 'box'))[1].message).toContain(
    `skein grant ${machines.peer}`,
  );
  // What they have done is still there, and can be forgotten.
  expect(home.run('events', 'three')).toContain('agent.ready');
  home.run('rm', '--force', 'three');
});
