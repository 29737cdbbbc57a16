/** A ticket's secret (rule M3) is kept as a hash alone: it stands in no file of either node, and in nobody's arguments. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeTicket } from '@skein/protocol/members/ticket';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from '../support/cli.ts';
import { Canaries } from './canaries.ts';
import { findIn, needlesOf } from './needles.ts';
import { searchWritten } from './traces.ts';

let owner: Skein;
let guest: Skein;

beforeAll(() => {
  owner = new Skein();
  guest = new Skein();
});
afterAll(() => {
  guest.destroy();
  owner.destroy();
});

/** The arguments of every process that can be seen. */
function allArguments(): Buffer {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return Buffer.concat(
    pids.map((pid) => {
      try {
        return readFileSync(join('/proc', pid, 'cmdline'));
      } catch {
        return Buffer.alloc(0);
      }
    }),
  );
}

test('[M3] is in no file of the node that made it, used or refused, nor of the one that used it', async () => {
  owner.run('run', '-d', '-n', 'api', 'cat');
  const { ticket } = owner.json<{ ticket: string }>('share', 'api', '--role', 'viewer');
  const { secret } = decodeTicket(ticket);
  const needles = new Canaries().needles({ text: ticket, secret });
  const joining = guest.later(['join', '-'], { input: ticket });
  const seen: string[] = [];
  for (let over = false; !over; ) {
    const waited = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
    over = await Promise.race([joining.then(() => true), waited]);
    if (process.platform === 'linux') seen.push(...findIn(allArguments(), needles).map(({ name }) => name));
  }
  expect((await joining).status).toBe(0);
  // Once more by another device, which is refused: that is told, and nothing is kept of it either.
  const late = new Skein();
  try {
    const refused = await late.later(['join', '-', '--json'], { input: ticket });
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'ticket_used' } });
    expect(searchWritten(late.home, { refused: refused.stderr }, needles).found).toEqual([]);
  } finally {
    late.destroy();
  }
  for (const { home } of [owner, guest]) expect(searchWritten(home, {}, needles).found).toEqual([]);
  expect(seen).toEqual([]);
  // The hash is what the owner's log holds: the search looks where it should.
  const hash = createHash('sha256').update(secret).digest();
  expect(searchWritten(owner.home, {}, needlesOf('the hash', hash)).found).not.toEqual([]);
});
