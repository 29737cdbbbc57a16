/** Prompts of a chat reach the session in the order in which they were given, whatever their length (rule A4). */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { expect, test } from 'vitest';
import { Actions } from './actions.ts';

const LONG = 'x'.repeat(1_000_000);

/** A node that takes pieces of what is long a while after they were sent, and commands in the order in which they come. */
function node(refuse: (type: string) => boolean = () => false): { client: Client; came: unknown[] } {
  const came: unknown[] = [];
  let size = 0;
  const client = {
    ask: async (_type: string, { bytes }: { bytes: Uint8Array }) => {
      await new Promise((resolve) => setImmediate(resolve));
      size += bytes.length;
      return { handle: 'handle', size };
    },
    command: async (_target: string, type: string, body: { prompt?: string }) => {
      came.push(body.prompt ?? type);
      if (body.prompt !== undefined) size = 0;
      if (refuse(body.prompt ?? type)) throw new SkeinError('not_running', 'It has ended.');
    },
  };
  return { client: client as unknown as Client, came };
}

test('[A4] a long prompt comes before those that were given after it', async () => {
  const { client, came } = node();
  const actions = new Actions(client, 'session');
  const all = [
    actions.prompt('agent', LONG, [], 'long'),
    actions.prompt('agent', 'go on with it', [], 'short'),
    actions.edit('agent', 'short', LONG),
    actions.prompt('agent', 'last', [], 'last'),
  ];
  await Promise.all(all);
  expect(came).toEqual(['long', 'short', 'short', 'last']);
});

test('[A4] one that is refused is told of, and holds up no other; nor does a long one what is no prompt', async () => {
  const { client, came } = node((one) => one === 'long');
  const actions = new Actions(client, 'session');
  const long = actions.prompt('agent', LONG, [], 'long');
  const next = actions.prompt('agent', 'next', [], 'next');
  const stop = actions.stop('agent');
  await expect(long).rejects.toThrow('It has ended.');
  await Promise.all([next, stop]);
  expect(came).toEqual(['agent.stop', 'long', 'next']);
});
