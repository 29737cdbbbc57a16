/** A user whom the machine has no name for, as a container may run anybody: joins and claims as others do (rules M3, W1). */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { condition, needs } from './support/needs.ts';

const UID = '54321';
/** In a namespace of their own, where nobody has a name but this user's files are theirs. */
const NAMELESS = ['unshare', '--user', `--map-user=${UID}`, `--map-group=${UID}`];

const can = spawnSync(NAMELESS[0] ?? '', [...NAMELESS.slice(1), 'true']).status === 0;

needs(condition(can, 'needs user namespaces'))('a user without a name', () => {
  let home: Skein;
  let guest: Skein;

  beforeAll(() => {
    home = new Skein();
    guest = new Skein(NAMELESS);
  });
  afterAll(() => {
    guest.destroy();
    home.destroy();
  });

  test('[M3] joins, and is called by their number', () => {
    home.run('run', '-d', '--name', 'api', '--', 'cat');
    const { ticket } = home.json<{ ticket: string }>('share', 'api');
    const joined = guest.try(['join', '-', '--json'], { input: ticket });
    expect([joined.status, joined.stderr]).toEqual([0, '']);
    expect(JSON.parse(joined.stdout)).toMatchObject({ name: `user-${UID}` });
  });

  test('[W1] holds a claim', () => {
    guest.run('workspace', 'create', 'scratch', '--name', 'w');
    const taken = guest.try(['claim', 'w', 'src/**', '--json']);
    expect([taken.status, taken.stderr]).toEqual([0, '']);
  });
});
