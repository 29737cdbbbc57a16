/** What a member of one session can find out about the node and its other sessions (rules M2, K5): nothing, by whatever they send. */

import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SharedNode } from '../support/devices.ts';

let shared: SharedNode;
let mine: string;
let other: string;
let member: Awaited<ReturnType<SharedNode['join']>>;

beforeAll(async () => {
  shared = await SharedNode.start();
  mine = await shared.session();
  other = await shared.session();
  member = await shared.join(mine, 'owner');
});
afterAll(() => shared.stop());

async function refusal(act: Promise<unknown>): Promise<SkeinError> {
  return act.then(
    () => {
      throw new Error('it was let do that');
    },
    (error) => SkeinError.from(error),
  );
}

test('[M2] a name that is taken does not tell by which session', async () => {
  const name = `taken-${newId()}`;
  await shared.owner.command('node', 'session.rename', { id: other, name });
  const error = await refusal(member.client.command('node', 'session.rename', { id: mine, name }));
  expect(error.code).toBe('name_taken');
  expect(JSON.stringify(error.toBody())).not.toContain(other);
});

test('[K5] whatever stands in the place of a name or an id is refused as what it is', async () => {
  const send = member.client.command.bind(member.client) as (
    t: string,
    k: string,
    b: unknown,
  ) => Promise<unknown>;
  const odd: unknown[] = [
    '__proto__',
    'constructor',
    'toString',
    '',
    '../..',
    null,
    7,
    [],
    {},
    { toString: 1 },
    { id: other },
  ];
  for (const id of odd) {
    const renaming = await refusal(send('node', 'session.rename', { id, name: 'x' }));
    expect(['not_found', 'bad_request']).toContain(renaming.code);
    for (const type of ['member.role', 'member.revoke'])
      expect(['not_found', 'bad_request']).toContain(
        (await refusal(send(`session/${mine}`, type, { member: id, role: 'viewer' }))).code,
      );
    expect(['not_found', 'bad_request']).toContain(
      (await refusal(send(`session/${mine}`, 'ticket.withdraw', { ticket: id }))).code,
    );
    const target = `session/${String(typeof id === 'string' ? id : '')}`;
    expect((await refusal(send(target, 'run.signal', { signal: 'SIGKILL' }))).code).toBe('not_found');
    const asked = await refusal(member.client.ask('session', { ref: id as string }));
    expect(['not_found', 'bad_request']).toContain(asked.code);
  }
  for (const body of [null, 7, 'x', [], undefined])
    expect(['not_found', 'bad_request']).toContain(
      (await refusal(send('node', 'session.rename', body))).code,
    );
});
