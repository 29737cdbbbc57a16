/** After a start no workspace waits for a run that no session knows of (rule W5). */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { destroyHome, makeHome } from '../../../../test/support/home.ts';
import { Kernel } from '../kernel/kernel.ts';
import { Environments } from '../sessions/environment.ts';
import { nodeActor } from '../sessions/node-actor.ts';
import { Sessions } from '../sessions/service.ts';
import { sessionActor } from '../sessions/session-actor.ts';
import { PREPARE_WORKSPACE, REMOVE_WORKSPACE } from './decide-life.ts';
import { Workspaces } from './service.ts';
import { settleWorkspaces } from './settle.ts';
import { workspaceActor } from './workspace-actor.ts';

const OWNER = { kind: 'owner', via: 'local' };
const [GONE, KNOWN] = ['goneaaaaaaaa', 'knownaaaaaaa'];
const strength = { files: 'watched', shell: 'watched' };

let home: string;
let kernel: Kernel;
beforeEach(async () => {
  home = makeHome();
  kernel = await Kernel.open({ dir: `${home}/log` });
  for (const kind of [nodeActor, sessionActor, workspaceActor])
    kernel.registerActor(kind as typeof nodeActor);
  const never = () => new Promise<never>(() => {});
  kernel.registerEffect({
    kind: PREPARE_WORKSPACE,
    idempotent: true,
    run: async () => ({ git: null, folds: { case: false, unicode: false } }),
  });
  for (const kind of [REMOVE_WORKSPACE, 'start-run'])
    kernel.registerEffect({ kind, idempotent: true, run: never });
  kernel.start();
});
afterEach(async () => {
  await kernel.close();
  destroyHome(home);
});

test('[W5] a run that no session knows has left, one that is at work has not, and a workspace of which nothing is known is forgotten', async () => {
  const sessions = new Sessions(kernel, new Environments(home));
  const workspaces = new Workspaces(kernel);
  let seq = 0;
  const give = async (type: string, body: object, facts?: object) => {
    const reply = await kernel.execute(
      OWNER,
      { id: { client: 'c', seq: ++seq }, target: 'node', type, body },
      facts,
    );
    expect(reply).toMatchObject({ ok: true });
  };
  const id = 'workspaceaaa';
  await give('workspace.create', { id, name: 'app', source: { kind: 'scratch' } }, { root: '/x' });
  await workspaces.until(id, ({ life }) => life === 'ready', AbortSignal.timeout(5_000));
  const session = {
    id: 'sessionaaaaa',
    run: KNOWN,
    argv: ['true'],
    cwd: '.',
    cols: 80,
    rows: 24,
    workspace: id,
  };
  await give('session.create', session);
  const entered = { run: GONE, session: 'nobodyaaaaaa', agent: null, name: 'x', strength, asked: true };
  await kernel.submit(OWNER, { target: `workspace/${id}`, type: 'run.entered', body: entered });
  const lost = { id: 'lostaaaaaaaa', name: 'lost', kind: 'scratch', root: '/y', of: null };
  // As when its stream was damaged from the beginning.
  await give('workspace.create', { ...lost, source: { kind: 'scratch' } }, { root: '/y' });
  await workspaces.until(lost.id, ({ life }) => life === 'ready', AbortSignal.timeout(5_000));
  await kernel.purge(`workspace/${lost.id}`);
  expect(Object.keys((await workspaces.workspace(id)).runs).sort()).toEqual([GONE, KNOWN].sort());
  const warned: string[] = [];
  await settleWorkspaces({ kernel, sessions, workspaces, log: (_, message) => void warned.push(message) });
  expect(Object.keys((await workspaces.workspace(id)).runs)).toEqual([KNOWN]);
  expect((await workspaces.list()).map(({ name }) => name)).toEqual(['app']);
  expect(warned).toHaveLength(1);
});
