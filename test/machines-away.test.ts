/** What is asked of an agent whose machine cannot be reached is told as soon as it can be, and holds nobody up (rules X2, B3). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from './support/processes.ts';
import { TwoMachines } from './support/two-machines.ts';

const machines = new TwoMachines();
const { home, worker, place, work } = machines;
const file = join(place, 'skein.yaml');

beforeAll(async () => {
  await machines.meet();
  machines.grant('--dirs', work);
}, 60_000);

afterAll(() => machines.destroy());

interface Event {
  type: string;
  body: { type?: string };
}
const restarts = () =>
  home
    .json<Event[]>('events', 'api')
    .filter(({ type, body }) => type === 'far.told' && body.type === 'agent.restart');
const doing = () => machines.doing('api');

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
