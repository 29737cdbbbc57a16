/** Another build takes over from the one that runs: every run stays alive, and the older host is still served (rule H1). */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '@skein/protocol/sessions/asks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from '../scripts/build.ts';
import { Skein } from './support/cli.ts';
import { lives } from './support/processes.ts';

const OLDER = '0.0.9-older';
let dir: string;
let skein: Skein;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sk-older-'));
  await build({ outdir: dir, version: OLDER });
  skein = new Skein();
});
afterAll(() => {
  skein.destroy();
  rmSync(dir, { recursive: true, force: true });
});

interface Started {
  type: string;
  body: { pid: number; start: string; host: string };
}

function startOf(session: string): Started['body'] {
  const events = skein.json<Started[]>('events', session);
  const started = events.find((event) => event.type === 'run.started');
  if (started === undefined) throw new Error(`${session} was never started`);
  return started.body;
}

test('[H1] [H4] a newer node adopts what an older one left, and the older host serves on until its last program ends', () => {
  const newer = skein.bundle;
  skein.bundle = join(dir, 'cli/skein.cjs');
  skein.run('run', '-d', '--name', 'old', '--', 'cat');
  skein.run('send', 'old', 'typed to the old one', '--enter');
  expect(skein.json<Status>('status').version).toBe(OLDER);
  const before = startOf('old');

  skein.bundle = newer;
  skein.run('restart');
  const after = skein.json<Status>('status');
  expect(after.version).not.toBe(OLDER);
  expect(lives(before)).toBe(true);
  expect(after.hosts).toMatchObject([{ id: before.host, version: OLDER, runs: 1, draining: true }]);

  // The older host still takes input, attaches, and shows its screen, to a client of the newer build.
  skein.run('send', 'old', 'and to the new', '--enter');
  const screen = skein.run('screen', 'old', '--text');
  expect(screen).toContain('typed to the old one');
  expect(screen).toContain('and to the new');

  // New programs go to a host of the newer build.
  skein.run('run', '-d', '--name', 'new', '--', 'cat');
  expect(startOf('new').host).not.toBe(before.host);
  expect(skein.json<Status>('status').hosts).toHaveLength(2);

  // With its last program the older host ends.
  skein.run('kill', 'old');
  skein.try(['wait', 'old']);
  const older = after.hosts[0]?.pid ?? 0;
  const deadline = Date.now() + 10_000;
  while (skein.json<Status>('status').hosts.some((h) => h.pid === older) && Date.now() < deadline);
  const hosts = skein.json<Status>('status').hosts;
  expect(hosts.map((h) => h.version)).toEqual([after.version]);
});

test('[H1] the node may be replaced under its own programs while their files are changed', () => {
  skein.run('run', '-d', '--name', 'kept', '--', 'cat');
  const { pid, start } = startOf('kept');
  rmSync(dir, { recursive: true, force: true });
  skein.run('restart');
  skein.run('send', 'kept', 'still here', '--enter');
  expect(skein.run('screen', 'kept')).toContain('still here');
  expect(lives({ pid, start })).toBe(true);
});

test('[H1] a node and a command of one version and of other sources are told apart, before and after a restart', () => {
  skein.run('restart');
  const { version, build = '' } = skein.json<Status>('status');
  expect(build).toMatch(/^[0-9a-f]{8}$/);
  expect(skein.run('doctor')).toContain('node and command alike');
  expect(skein.run('status')).not.toContain('skein restart');

  // A node of sources that were others: its command has been updated since.
  const other = mkdtempSync(join(tmpdir(), 'sk-other-'));
  try {
    cpSync(join(skein.bundle, '../../../node/dist'), other, { recursive: true });
    const file = join(other, 'node.cjs');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(build, '0therbld'));
    skein.env.SKEIN_NODE_BUNDLE = file;
    expect(skein.run('restart')).toContain(`(build 0therbld), was ${version} (build ${build})`);
    delete skein.env.SKEIN_NODE_BUNDLE;
    const apart = `The node is ${version} (build 0therbld), this command ${version} (build ${build})`;
    expect(skein.run('status')).toContain(apart);
    expect(skein.run('doctor')).toContain(apart);
    expect(skein.try(['up']).stderr).toContain('skein restart');
    skein.run('restart');
    expect(skein.run('doctor')).toContain('node and command alike');
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});
