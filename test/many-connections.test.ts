/** A node whose places are all taken, as by a program that never closes what it opens (rules C2, K5). */
import { join } from 'node:path';
import { connectSkein } from '@skein/client';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { connectTo } from './support/talking.ts';

let skein: Skein;
const clients: Client[] = [];

beforeAll(() => {
  skein = new Skein();
  skein.run('up');
});
afterAll(() => {
  for (const client of clients) client.close();
  skein.destroy();
});

test('[K5] whoever comes then is told so at once, and does not wait for a node to start; the others go on', async () => {
  const { pid } = skein.json<{ pid: number }>('status');
  const first = await connectTo(skein.home);
  clients.push(first);
  const full = await (async () => {
    for (;;) clients.push(await connectTo(skein.home));
  })().catch((error) => SkeinError.from(error));
  expect(full).toMatchObject({
    code: 'mailbox_full',
    data: { advice: expect.stringContaining(`kill ${pid}`) },
  });
  expect(clients.length).toBe(512);
  const listed = await skein.later(['ls']);
  expect(listed.status).not.toBe(0);
  expect(listed.stderr).toContain('512 connections');
  const home = skein.home;
  const program = join(import.meta.dirname, 'no-such-program');
  await expect(connectSkein({ home, program })).rejects.toMatchObject({ code: 'mailbox_full' });
  expect(await first.ask('sessions', {})).toEqual([]);
  clients.pop()?.close();
  expect(await skein.later(['ls', '--json'])).toMatchObject({ status: 0 });
});
