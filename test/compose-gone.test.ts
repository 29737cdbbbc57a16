/** What of a project goes while `skein compose` looks at it, as by a down in another terminal (rule B1). */
import type { Client } from '@skein/protocol/client/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gather } from '../packages/cli/src/compose/gather.ts';
import { Skein } from './support/cli.ts';
import { connectNode } from './support/transport.ts';

let skein: Skein;
let client: Client;

beforeAll(async () => {
  skein = new Skein();
  const file = 'name: p\nsessions:\n  a: {terminal: sleep 600}\n  b: {terminal: sleep 600}\n';
  await skein.later(['compose', 'up', '-f', '-'], { input: file });
  client = await connectNode(skein.home, { retryFor: 10_000 });
});
afterAll(() => {
  client?.close();
  skein?.destroy();
});

test('[B1] a session that was removed in the very moment is not there, and the others are', async () => {
  const slow = new Proxy(client, {
    get(of, name) {
      if (name !== 'ask') return Reflect.get(of, name);
      return async (what: 'sessions', body: Record<string, never>) => {
        const answer = await of.ask(what, body);
        // Nothing but time passes here otherwise.
        if (what === 'sessions') skein.run('rm', '--force', '--purge', 'a');
        return answer;
      };
    },
  });
  const { sessions } = await gather(slow, skein.home, 'p');
  expect(sessions.map(({ name }) => name)).toEqual(['b']);
});
