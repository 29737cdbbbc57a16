/** `skein compose up` and its node killed at random moments: what comes of it in the end is what the file says, once (rules B1, K4). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListedSession } from '@skein/protocol/sessions/asks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { repository } from './support/git-repository.ts';
import { kill, until } from './support/processes.ts';
import { Random } from './support/random.ts';

/** Rounds, each from nothing. */
const ROUNDS = Number(process.env.SKEIN_COMPOSE_KILLS ?? 2);
/** Milliseconds that a whole `up` takes, about. */
const WHOLE_MS = 1_500;

const FILE = `name: shop
workspaces:
  app: {git: ./repo}
  tree: {worktree: app}
sessions:
  web: {workspace: app, terminal: sleep 1000}
  team:
    workspace: tree
    agents:
      lead: {agent: fake, prompt: first words}
      other: {agent: fake, prompt: other words}
    policy: [{deny: {path: "/**/.env"}}]
    tasks:
      one: {text: a task, to: lead}
      two: {text: another, to: other, needs: [one]}
`;

let skein: Skein;
let file: string;

beforeAll(() => {
  skein = new Skein();
  const dir = realpathSync(join(skein.home, '..'));
  defineFake(skein.home);
  repository(join(dir, 'repo'));
  file = join(dir, 'skein.yaml');
  writeFileSync(file, FILE);
});
afterAll(() => skein.destroy());

const launch = (): ChildProcess =>
  spawn(...skein.words('compose', 'up', '-f', file), { env: skein.env, stdio: 'ignore' });

async function killNode(): Promise<void> {
  const { pid } = skein.json<{ pid: number }>('status');
  kill(pid);
  await until('the node is gone', () => !existsSync(`/proc/${pid}`));
}

/** How often it was told of. */
function count(session: string, type: string): number {
  return skein.json<{ type: string }[]>('events', session).filter((event) => event.type === type).length;
}

test(`[B1] ${ROUNDS} times cut off, it has everything once`, { timeout: ROUNDS * 40_000 }, async () => {
  const random = new Random(Number(process.env.SKEIN_SEED ?? 1));
  skein.run('up');
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let cut = 0; cut < 3; cut += 1) {
      const child = launch();
      await sleep(random.int(0, WHOLE_MS));
      if (cut === 1) await killNode();
      else child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    const last = skein.try(['compose', 'up', '-f', file]);
    expect(last, last.stderr).toMatchObject({ status: 0 });
    expect(skein.run('compose', 'diff', '-f', file)).toBe('Nothing differs.\n');
    const sessions = skein.json<ListedSession[]>('ls');
    expect(sessions.map(({ name }) => name).sort()).toEqual(['team', 'web']);
    expect(sessions.flatMap(({ agents = [] }) => agents.map(({ name }) => name)).sort()).toEqual([
      'lead',
      'other',
    ]);
    expect(count('team', 'task.added')).toBe(2);
    skein.run('wait', 'team/lead');
    // Two of the file, and two of its tasks.
    await until('both tasks were given', () => count('team', 'prompt.queued') >= 4, 20_000);
    expect(count('team', 'prompt.queued')).toBe(4);
    skein.run('compose', 'down', '--rm', '-f', file);
    expect(skein.json('compose', 'ps', '--project', 'shop')).toEqual([]);
  }
});

test('[B1] two at once: each ends well, and everything is there once', { timeout: 60_000 }, async () => {
  const gate = join(skein.home, '../gate');
  // Both have made their plans before anything but the workspace is there.
  const setup = `setup: 'until [ -e ${gate} ]; do sleep 0.05; done'`;
  const both = `${file}.both.yaml`;
  writeFileSync(both, FILE.replace('./repo}', `./repo, ${setup}}`));
  const ups = [0, 1].map(() => {
    const child = spawn(...skein.words('compose', 'up', '-f', both), { env: skein.env, stdio: 'pipe' });
    const told = { out: '', err: '' };
    child.stdout.on('data', (piece) => {
      told.out += piece;
    });
    child.stderr.on('data', (piece) => {
      told.err += piece;
    });
    return { told, ended: once(child, 'close') };
  });
  await until('both know what to do', () => ups.every(({ told }) => told.out.includes('session web')));
  writeFileSync(gate, '');
  for (const { told, ended } of ups) expect([...(await ended), told.err]).toEqual([0, null, '']);
  expect(skein.json<{ same: boolean }>('compose', 'diff', '-f', both).same).toBe(true);
  expect(count('team', 'agent.added')).toBe(2);
  expect(count('team', 'prompt.queued')).toBe(4);
});
