/** Environments that wait for their programs (rule A3): none outlives what it was handed over for. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import { afterEach, expect, test, vi } from 'vitest';
import { executor } from '../executing.ts';
import { cleanUp, openKernel, tempDir } from '../kernel/counter.fixture.ts';
import type { Reply } from '../kernel/types.ts';
import { Environments } from './environment.ts';
import { nodeActor } from './node-actor.ts';
import { sessionActor } from './session-actor.ts';

afterEach(async () => {
  vi.useRealTimers();
  await cleanUp();
});

const uploads = { factsFor: () => undefined, used() {} } as never;
const meshed = { state: { known: {} } } as never;
const SECRETS = { KEY: 'secret' };
const kept = (home: string) => readdirSync(join(home, 'spool'));

async function up() {
  const home = tempDir();
  const kernel = await openKernel(join(home, 'log'));
  kernel.registerActor(nodeActor);
  kernel.registerActor(sessionActor);
  const environments = new Environments(home);
  const execute = executor({ kernel, home, uploads, environments, meshed });
  let seq = 0;
  const run = (target: string, type: string, body: unknown) =>
    execute(LOCAL_OWNER, { id: { client: 'c', seq: ++seq }, target, type, body });
  return { home, kernel, environments, run };
}

const program = (env: string) => ({
  id: newId(),
  run: newId(),
  argv: ['x'],
  cwd: '/',
  cols: 80,
  rows: 24,
  env,
});
const agent = (env: string, name = 'one') => ({ agent: newId(), run: newId(), definition: 'x', name, env });

test('[A3] one goes with the command that it was for, when that is refused; that of an accepted one stays', async () => {
  const { home, environments, run } = await up();
  const opened = { id: newId(), name: 'here', cwd: '/', agent: agent(environments.keep(SECRETS)) };
  expect(await run('node', 'session.open', opened)).toMatchObject({ ok: true });
  expect(kept(home)).toEqual([opened.agent.env]);
  const refused: [string, string, (env: string) => object][] = [
    ['node', 'session.open', (env) => ({ id: newId(), name: 'here', cwd: '/', agent: agent(env) })],
    ['node', 'session.create', (env) => ({ ...program(env), name: 'here' })],
    [`session/${opened.id}`, 'agent.add', (env) => agent(env)],
    [`session/${newId()}`, 'agent.add', (env) => agent(env)],
    ['node', 'session.create', (env) => ({ ...program(env), argv: [] })],
  ];
  for (const [target, type, body] of refused) {
    const { ok } = await run(target, type, body(environments.keep(SECRETS)));
    expect({ type, ok, kept: kept(home) }).toEqual({ type, ok: false, kept: [opened.agent.env] });
  }
});

test('[A3] [K2] it waits with a command that may be accepted a moment later', async () => {
  const { home, kernel, environments, run } = await up();
  const body = program(environments.keep(SECRETS));
  const full: Reply = { ok: false, error: new SkeinError('mailbox_full', 'Later.').toBody() };
  vi.spyOn(kernel, 'execute').mockResolvedValueOnce(full);
  expect(await run('node', 'session.create', body)).toEqual(full);
  expect(kept(home)).toEqual([body.env]);
});

test('[A3] a handle is a name of no file but its own', async () => {
  const { home, environments, run } = await up();
  const handle = environments.keep(SECRETS);
  for (const env of [`../spool/${handle}`, '', 'x', '.', null, 1])
    for (const body of [{ env }, { agent: { env } }, { agent: env }, env])
      for (const type of ['session.create', 'session.open', 'agent.add'])
        expect(await run('node', type, body)).toMatchObject({ ok: false });
  expect(kept(home)).toEqual([handle]);
});

test('[A3] one that nobody has used goes after an hour, whether the node is started again or not', () => {
  vi.useFakeTimers();
  const home = tempDir();
  const environments = new Environments(home);
  environments.keep(SECRETS);
  vi.advanceTimersByTime(59 * 60_000);
  expect(kept(home)).toHaveLength(1);
  // It is looked for every ten minutes.
  vi.advanceTimersByTime(11 * 60_000);
  expect(kept(home)).toEqual([]);
  // Nothing is looked at when there is nothing.
  vi.advanceTimersByTime(11 * 60_000);
  expect(vi.getTimerCount()).toBe(0);
});
