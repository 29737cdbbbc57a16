/** More sessions than one answer can tell of (rules K5, C5): every command that lists them goes on working. */
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { connectNode } from './support/transport.ts';

/** As few as are too many: their names and words have three bytes a letter. */
const MANY = 1_500;
const NAME = '山'.repeat(58);
const WORD = `/${'水'.repeat(300)}`;

let skein: Skein;
let client: Client;

beforeAll(async () => {
  skein = new Skein();
  skein.run('ls');
  client = await connectNode(skein.home);
  // Programs that do not exist: each is a session all the same, and costs no process.
  const begin = (n: number) =>
    client.command('node', 'session.create', {
      ...{ id: newId(), run: newId(), name: `${NAME}-${n}`, argv: [WORD], cwd: '/', cols: 80, rows: 24 },
    });
  for (let n = 0; n < MANY; n += 100) await Promise.all(Array.from({ length: 100 }, (_, i) => begin(n + i)));
});
afterAll(() => {
  client.close();
  skein.destroy();
});

test('[K5] all of them are listed, in whatever form, and each once', async () => {
  await expect(client.ask('sessions', {})).rejects.toMatchObject({ code: 'too_large' });
  const { stdout } = await skein.later(['ls', '--json']);
  const listed = JSON.parse(stdout) as { id: string; name: string }[];
  expect(new Set(listed.map(({ id }) => id)).size).toBe(MANY);
  expect(new Set(listed.map(({ name }) => name)).size).toBe(MANY);
  expect((await skein.later(['ls'])).stdout.trimEnd().split('\n')).toHaveLength(MANY + 1);
  expect(listed).toHaveLength(MANY);
  expect(JSON.parse((await skein.later(['ls', '--all', '--json'])).stdout)).toHaveLength(MANY);
  expect(skein.json<unknown[]>('ls', '--running')).toEqual([]);
  expect(skein.json('status')).toMatchObject({ sessions: { total: MANY } });
  expect(skein.try(['agents']).status).toBe(0);
});

test('[C5] a page is below the limit of a message, and the next goes on after it though its last is gone', async () => {
  const first = await client.ask('sessionPage', { after: null });
  const last = first.sessions.at(-1)?.id ?? '';
  expect(first.more).toMatchObject({ id: last });
  await client.command('node', 'session.remove', { id: last, purge: false });
  const second = await client.ask('sessionPage', { after: first.more });
  expect(second.more).toBeNull();
  expect(first.sessions.length + second.sessions.length).toBe(MANY);
});
