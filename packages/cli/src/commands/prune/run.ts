/** Forgets the sessions that ended long ago, one after the other. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { Asks, BygoneSession } from '@skein/protocol/sessions/asks';
import { age } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import { type Call, parseDuration } from '../../invocation/call.ts';
import { doEach } from '../../output/do-each.ts';
import { print } from '../../output/write.ts';

type Page = Asks['bygone']['answer'];

export async function run(call: Call): Promise<void> {
  const older = parseDuration('older', call.text('older'));
  if (older === undefined)
    throw new SkeinError('bad_request', 'Say how long ago they must have ended: skein prune --older 30d');
  const purge = call.flag('purge');
  const dry = call.flag('dry-run');
  const client = await connectNode(call.home);
  const now = Date.now();
  const found = await bygone(client, now - older, purge);
  if (found.length === 0 && !call.json) return print('Nothing ended so long ago.');
  await doEach(found, {
    json: call.json,
    called: ({ id, name }) => name ?? id,
    act: async ({ id, name, ended }) => {
      if (!dry) await client.command('node', 'session.remove', { id, purge });
      const done = `${dry ? 'would be ' : ''}${purge ? 'purged' : 'forgotten'}`;
      if (!call.json) print(`${id}  ${name ?? '(forgotten before)'}  ended ${age(now - ended)} ago: ${done}`);
      return { id, name, purged: purge };
    },
  });
}

async function bygone(client: Client, before: number, forgotten: boolean): Promise<BygoneSession[]> {
  const all: BygoneSession[] = [];
  for (let after: Page['more'] = null; ; ) {
    const page: Page = await client.ask('bygone', { before, forgotten, after });
    all.push(...page.sessions);
    if (page.more === null) return all;
    after = page.more;
  }
}
