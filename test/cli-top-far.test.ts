import { afterAll, beforeAll, expect, test } from 'vitest';
import { kill, until } from './support/processes.ts';
import { PtyScreen } from './support/pty-screen.ts';
import { TwoMachines } from './support/two-machines.ts';

const machines = new TwoMachines();
const { home, worker, work } = machines;
let screen: PtyScreen | undefined;

interface Told {
  machines: { name: string; here: boolean; reachable: boolean; error?: string }[];
  rows: Row[];
}
interface Row {
  ref: string;
  what: string;
  machine: string;
  state: string;
  cpu: number | null;
  memory: number | null;
  old: boolean;
}

beforeAll(async () => {
  await machines.meet();
  machines.grant('--dirs', work, '--max', '8');
  worker.run('run', '-d', '--name', 'secret', '--', 'cat');
  home.run('run', '-d', '--name', 'own', '--', 'cat');
  home.run('spawn', 'fake', '--on', 'box', '--dir', work, '-n', 'api');
}, 60_000);

afterAll(() => {
  screen?.destroy();
  machines.destroy();
});

const rowOf = (ref: string) => home.json<Told>('top').rows.find((row) => row.ref === ref);

test('[U3] [X1] an agent that runs elsewhere is one row, with what it takes there; of that machine nothing else is told', async () => {
  await until('it is told of', () => (rowOf('api/fake')?.memory ?? 0) > 1_000_000);
  const { rows, machines } = home.json<Told>('top');
  expect(rows.map(({ ref }) => ref).sort()).toEqual(['api/fake', 'own']);
  expect(rows.find(({ ref }) => ref === 'api/fake')).toMatchObject({
    machine: 'box',
    state: 'idle',
    old: false,
  });
  expect(machines).toMatchObject([{ here: true }, { name: 'box', reachable: true }]);
  const there = worker.json<Told>('top').rows;
  expect(there).toHaveLength(2);
  expect(there.map(({ ref }) => ref)).toContain('secret');
  expect(there.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^fake.* for /));
});

test('[U3] a machine that is away is told as that, with what was last known, and holds up nobody', async () => {
  const shown = new PtyScreen(...home.words('top'), home.env, 120, 20);
  screen = shown;
  await shown.until('both', (text) => /^api\/fake .*box/m.test(text) && /^own /m.test(text));
  const { pid } = worker.json<{ pid: number }>('status');
  kill(pid, 'SIGKILL');
  await shown.until('that it is away', (text) => /^ box +away/m.test(text), 25_000);
  home.run('run', '-d', '--name', 'late', '--', 'cat');
  await shown.shows('late');
  expect(rowOf('api/fake')).toMatchObject({ machine: 'box' });
  worker.run('up');
  await shown.until('that it is back', (text) => /^ box +load/m.test(text), 25_000);
}, 60_000);
