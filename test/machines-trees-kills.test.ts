/** Either machine killed at any step of handing a workspace over, or of bringing back what was done in it: the next try comes to the same (rules X4, K4). */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@skein/protocol/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Skein } from './support/cli.ts';
import { git, repository } from './support/git-repository.ts';
import { NodeProcess } from './support/node-process.ts';
import { until } from './support/processes.ts';
import { connectNode } from './support/transport.ts';
import { TwoMachines } from './support/two-machines.ts';

/** Milliseconds after which one of them is killed. */
const MOMENTS = [20, 60, 110, 200, 330, 600];

const machines = new TwoMachines();
const { home, worker, place } = machines;
const app = join(place, 'app');
const nodes = new Map<Skein, NodeProcess>();
let peer: string;

beforeAll(async () => {
  repository(app);
  for (const one of [worker, home]) nodes.set(one, await NodeProcess.start(one.home));
  await machines.meet();
  machines.grant('--max', '64');
  peer = worker.json<{ peer: string }>('node', 'show').peer;
  home.run('workspace', 'create', 'local', app, '-n', 'app');
}, 60_000);

afterAll(async () => {
  for (const node of nodes.values()) await node.stop();
  machines.destroy();
});

async function killAfter(whom: Skein, ms: number): Promise<void> {
  await sleep(ms);
  await nodes.get(whom)?.kill();
  nodes.set(whom, await NodeProcess.start(whom.home));
}

const rootOf = (of: Skein, id: string) => of.json<{ root: string }>('workspace', 'show', id).root;

/** All files but git's own. */
function filesOf(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names.flatMap((entry) => {
      const file = join(entry.parentPath, entry.name);
      const git = file.startsWith(join(dir, '.git'));
      return entry.isFile() && !git ? [[file.slice(dir.length), readFileSync(file, 'latin1')]] : [];
    }),
  );
}

test('[X4] [K4] what is handed over and brought back is whole, whoever is killed whenever', async () => {
  for (const [n, ms] of MOMENTS.entries()) {
    const whom = n % 2 === 0 ? worker : home;
    // Something new each time, in several pieces.
    writeFileSync(join(app, `new-${n}`), randomBytes(1_500_000));
    git(app, 'add', '-A');
    git(app, 'commit', '-q', '-m', `New ${n}`);
    const base = home.json<{ id: string }>('workspace', 'show', 'app').id;
    const id = newId();
    const agent = { agent: id, run: newId(), definition: 'fake', on: peer, workspace: base };
    const client = await connectNode(home.home, { retryFor: 30_000 });
    await client.command('node', 'session.open', { id: newId(), name: `s${n}`, cwd: place, agent });
    await killAfter(whom, ms);
    const doing = () => home.json<{ doing: string }[]>('agents', `s${n}`)[0]?.doing;
    await until(`it runs (${ms} ms)`, () => doing() === 'idle');
    const there = rootOf(worker, id);
    expect(filesOf(there)).toEqual(filesOf(app));
    const at = git(there, 'rev-parse', 'HEAD');
    expect(at).toBe(git(app, 'rev-parse', 'HEAD'));
    // Committed and not, removed and made.
    writeFileSync(join(there, `far-${n}`), randomBytes(1_500_000));
    git(there, 'add', '-A');
    git(there, 'rm', '-q', 'a.txt');
    git(there, 'commit', '-q', '-m', 'Far');
    for (let i = 0; i < 50; i++) writeFileSync(join(there, `more-${i}`), `${i}`);
    const asked = client.ask('changes', { workspace: id }).catch(() => {});
    await killAfter(whom, ms / 2);
    await asked;
    client.close();
    await until(`it is brought (${ms} ms)`, () => {
      const { brought } = home.json<{ brought?: { why: string | null } }>('diff', `s${n}`, '--stat');
      return brought?.why === null;
    });
    const here = rootOf(home, id);
    expect(filesOf(here)).toEqual(filesOf(there));
    expect(git(here, 'rev-parse', 'HEAD')).toBe(git(there, 'rev-parse', 'HEAD'));
    expect(git(here, 'status', '--porcelain').split('\n')).toHaveLength(50);
    git(app, 'fsck', '--full');
  }
}, 180_000);
