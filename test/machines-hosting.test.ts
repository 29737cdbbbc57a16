/** Agents of another machine on this one: admitted by grant, commanded by lease, as two real nodes do it (rules X1, X3). */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { HostedCommands } from '@skein/protocol/machines/commands';
import type { Commands } from '@skein/protocol/sessions/commands';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from './support/processes.ts';
import { connectAway, connectNode } from './support/transport.ts';
import { TwoMachines } from './support/two-machines.ts';

interface Event {
  type: string;
  body: Record<string, unknown>;
}
type Granted = { grant: string; locator: string; dirs: string[] };

const machines = new TwoMachines();
const { home, worker, place, work } = machines;
/** Home's node as a device of the worker's, and the worker's own user. */
let far: Client;
let own: Client;

beforeAll(async () => {
  for (const dir of ['work/api', 'other']) mkdirSync(join(place, dir), { recursive: true });
  symlinkSync(join(place, 'other'), join(work, 'out'));
  await machines.meet();
  far = await connectAway(home.home, 'box', { retryFor: 10_000 });
  own = await connectNode(worker.home, { retryFor: 10_000 });
}, 60_000);

afterAll(() => {
  far?.close();
  own?.close();
  machines.destroy();
});

const grant = (...options: string[]) =>
  worker.json<Granted>('grant', machines.peer, '--agents', 'fake', '--dirs', work, ...options);
const revokeAll = () => worker.try(['grant', 'revoke', machines.peer]);

function wanted(more: object = {}): HostedCommands['hosted.place'] {
  const ids = { id: newId(), session: newId(), agent: newId(), run: newId(), taker: newId() };
  const names = { node: 'laptop', name: 'api', definition: 'fake', called: 'fake' };
  return { ...ids, ...names, place: { dir: work }, ...more };
}
const placed = (body: HostedCommands['hosted.place']) => far.command('node', 'hosted.place', body);
const to = (id: string, type: keyof Commands, body: object) =>
  far.command(`session/${id}`, type, body as Commands[typeof type]);
const tell = (id: string, n: number, type: string, body: object, epoch = 1) =>
  to(id, 'home.tell', { epoch, n, type, body });
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => SkeinError.from(error).code,
  );
const events = (id: string) => worker.json<Event[]>('events', id);
const life = async (id: string, agent: string) => (await own.ask('session', { ref: id })).agents[agent]?.life;

describe('[X1] an agent of another machine', () => {
  test('nobody places one without a grant, and a grant says which, where and how many', async () => {
    expect(await refusal(placed(wanted()))).toBe('not_allowed');
    const { dirs } = grant('--max', '1');
    expect(dirs).toEqual([work]);
    expect(await refusal(placed(wanted({ definition: 'claude' })))).toBe('not_granted');
    for (const dir of [
      join(place, 'other'),
      join(work, 'out'),
      join(work, '..'),
      `${work}/../other`,
      '/',
      `${work}2`,
    ])
      expect(await refusal(placed(wanted({ place: { dir } })))).toBe('not_granted');
    const first = wanted({ place: { dir: join(work, 'api') } });
    const reply = { id: first.id, term: 60_000, away: 'stop', claims: 'hold' };
    expect(await placed(first)).toEqual(reply);
    // A lost reply, a new connection, another home's process: the same again is the same as once.
    expect(await placed(first)).toEqual(reply);
    expect(await refusal(placed(wanted()))).toBe('limit_reached');
    expect(await refusal(placed({ ...wanted(), id: first.id }))).toBe('name_taken');
    expect(
      events(first.id)
        .map(({ type }) => type)
        .slice(0, 6),
    ).toEqual([
      ...[
        'session.created',
        'session.hosted',
        'member.joined',
        'lease.taken',
        'agent.added',
        'agent.starting',
      ],
    ]);
    await until('it runs', () => worker.run('ls').includes('fake idle'));
    expect(worker.run('ls')).toContain('for laptop:api');
    expect(worker.run('grants')).toMatch(/fake +1 of 1/);
    await tell(first.id, 1, 'agent.stop', { agent: first.agent });
    await until('it has stopped', () => /fake stopped/.test(worker.run('ls')));
    await tell(first.id, 2, 'agent.remove', { agent: first.agent });
    // With its agent the session goes, and everything that is kept of it.
    await until('it has gone', () => worker.json<unknown[]>('ls').length === 0);
    expect(await refusal(far.ask('session', { ref: first.id }))).toBe('not_found');
    revokeAll();
    expect(await refusal(placed(wanted()))).toBe('not_allowed');
  });

  test('its home alone prompts it, its own user stops it, and neither does the other', async () => {
    grant();
    const mine = wanted({ place: { scratch: true } });
    await placed(mine);
    const { id, agent } = mine;
    const prompt = { agent, prompt: newId(), parts: [{ type: 'text' as const, text: 'hello' }] };
    expect(await tell(id, 1, 'prompt.queue', prompt)).toEqual({ n: 1, heard: 1 });
    expect(await tell(id, 1, 'prompt.queue', prompt)).toEqual({ n: 1, heard: 1 });
    expect(await refusal(tell(id, 3, 'turn.cancel', { agent }))).toBe('out_of_order');
    await until('it answers', () => worker.run('transcript', id).includes('You said: hello'));
    for (const [type, body] of [
      ['prompt.queue', { ...prompt, prompt: newId() }],
      ['agent.stop', { agent }],
      ['ticket.make', {}],
    ] as const)
      expect(await refusal(to(id, type, body))).toBe('lease_lost');
    expect(await refusal(far.command('node', 'session.rename', { id, name: 'x' }))).toBe('not_allowed');
    expect(await refusal(own.command(`session/${id}`, 'prompt.queue', prompt))).toBe('not_allowed');
    expect(
      await refusal(own.command(`session/${id}`, 'home.tell', { epoch: 1, n: 2, type: 'x', body: {} })),
    ).toBe('not_allowed');
    await tell(id, 2, 'agent.mode', { agent: newId(), mode: 'code' });
    expect(
      events(id)
        .filter(({ type }) => type === 'home.heard')
        .map(({ body }) => body),
    ).toEqual([{ n: 1 }, { n: 2, error: { code: 'not_found', message: expect.any(String) } }]);
    expect(worker.run('workspace', 'ls')).toContain('scratch');
    worker.run('stop', id);
    await until('it has stopped', async () => (await life(id, agent)) === 'stopped');
    worker.run('rm', id);
    await until('its workspace went with it', () => !worker.run('workspace', 'ls').includes('scratch'));
    revokeAll();
  });
});

describe('[X3] the lease', () => {
  test('who takes the next epoch commands, and whoever had the one before is told', async () => {
    grant();
    const mine = wanted();
    await placed(mine);
    const { id, agent } = mine;
    expect(await to(id, 'lease.take', { epoch: 1, taker: mine.taker })).toEqual({
      ...{ epoch: 1, term: 60_000, heard: 0 },
    });
    expect(await refusal(to(id, 'lease.take', { epoch: 1, taker: newId() }))).toBe('lease_lost');
    expect(await refusal(to(id, 'lease.take', { epoch: 3, taker: newId() }))).toBe('lease_lost');
    const taker = newId();
    expect(await to(id, 'lease.take', { epoch: 2, taker })).toEqual({ epoch: 2, term: 60_000, heard: 0 });
    expect(await to(id, 'lease.take', { epoch: 2, taker })).toEqual({ epoch: 2, term: 60_000, heard: 0 });
    expect(await refusal(tell(id, 1, 'turn.cancel', { agent }, 1))).toBe('lease_lost');
    expect(await refusal(far.ask('renew', { ref: id, epoch: 1 }))).toBe('lease_lost');
    expect(await far.ask('renew', { ref: id, epoch: 2 })).toEqual({ epoch: 2, left: 60_000 });
    await to(id, 'lease.give', { epoch: 2 });
    await until('it was stopped', async () => (await life(id, agent)) === 'stopped');
    expect(await refusal(far.ask('renew', { ref: id, epoch: 2 }))).toBe('lease_lost');
    revokeAll();
    expect(await refusal(to(id, 'lease.take', { epoch: 3, taker }))).toBe('not_granted');
    worker.run('rm', id);
  });

  test('a home that is not heard of for a term has lost it: the agent stops, or goes on, as the grant says', async () => {
    grant('--max', '1', '--term', '2s');
    const stops = wanted();
    await placed(stops);
    grant('--term', '2s', '--away', 'go-on');
    const goes = wanted();
    expect(await placed(goes)).toMatchObject({ away: 'go-on', term: 2_000 });
    await until('both run', async () =>
      (await Promise.all([stops, goes].map((one) => life(one.id, one.agent)))).every(
        (is) => is === 'running',
      ),
    );
    const ended = (id: string) => events(id).find(({ type }) => type === 'lease.ended')?.body;
    await until('both have lost it', () => [stops, goes].every(({ id }) => ended(id) !== undefined));
    expect(ended(stops.id)).toEqual({ epoch: 1, why: 'silent' });
    await until('one was stopped', async () => (await life(stops.id, stops.agent)) === 'stopped');
    expect(await life(goes.id, goes.agent)).toBe('running');
    expect(await refusal(far.ask('renew', { ref: goes.id, epoch: 1 }))).toBe('lease_lost');
    await to(goes.id, 'lease.take', { epoch: 2, taker: newId() });
    revokeAll();
    await until('the grant was revoked', async () => (await life(goes.id, goes.agent)) === 'stopped');
    expect(events(goes.id).findLast(({ type }) => type === 'lease.ended')?.body).toEqual({
      epoch: 2,
      why: 'revoked',
    });
    for (const { id } of [stops, goes]) worker.run('rm', id);
  });

  test('[X1] a grant whose time is over ends what runs by it', async () => {
    grant('--expires', '3s');
    const mine = wanted();
    await placed(mine);
    await until('it was ended', async () => (await life(mine.id, mine.agent)) === 'stopped');
    expect(worker.json<unknown[]>('grants')).toEqual([]);
    worker.run('rm', mine.id);
  });
});
