/** What is done to agents where two do the same at once (rule B1). */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { expect, test } from 'vitest';
import { apply } from './apply.ts';
import type { PresentAgent } from './present.ts';
import { wantedOf } from './wanted.ts';

const WANTED = wantedOf(
  { name: 'shop', sessions: { a: { agents: { x: { agent: 'fake', prompt: 'go' } } } } },
  '/',
);
const PROMPT = { do: 'agent.prompt', sign: '+', what: 'agent a/x', why: '', part: 'a', agent: 'x' } as const;

/** Gives the agent of this id its prompt; the node answers with `refusal`. */
async function prompting(agent: string, refusal?: SkeinError): Promise<string> {
  let given = '';
  const client = {
    command: async (_stream: string, type: string, { prompt }: { prompt: string }) => {
      expect(type).toBe('prompt.queue');
      given = prompt;
      if (refusal !== undefined) throw refusal;
    },
  } as unknown as Client;
  const label = (part: string) => ({ project: 'shop', part, fields: {} });
  const one: PresentAgent = {
    ...{ id: agent, name: 'x', life: 'running', doing: 'idle', label: label('x'), prompted: false },
    ...{ chosen: { mode: undefined, model: undefined }, mode: null, model: null, workspace: undefined },
  };
  const session = {
    ...{ id: 's', name: 'a', label: label('a'), terminal: null, members: [], tasks: [], slots: 4 },
    agents: [one],
  };
  const present = { workspaces: [], sessions: [session], policies: {}, machines: {} };
  const options = { home: '/', env: {}, purge: false, begin: <T>(_: unknown, done: Promise<T>) => done };
  await apply(client, WANTED, present, [PROMPT], options);
  return given;
}

test('[B1] whoever gives an agent the prompt of its file gives it the same, and only once', async () => {
  const first = await prompting('agentaaaaaaa');
  expect(await prompting('agentaaaaaaa', new SkeinError('name_taken', 'There is one already.'))).toBe(first);
  expect(await prompting('agentbbbbbbb')).not.toBe(first);
  await expect(prompting('agentaaaaaaa', new SkeinError('not_running', 'It has ended.'))).rejects.toThrow(
    'agent a/x: It has ended.',
  );
});
