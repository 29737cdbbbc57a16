/**
 * An agent that gets out of hand, as a program that speaks ACP and has Skein's tools. At a prompt `spread` it starts agents that do the
 * same, as fast as it can, until it has been refused so often; at a message it answers whoever sent it, for ever. It says what it
 * was refused with.
 */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { ToolAnswer } from '@skein/protocol/tools/tool';
import { callTool, connectAgent } from './directing.ts';

/** Refusals in a row after which even this one gives up. */
const PATIENCE = 20;

const send = (frame: object): void => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);
};
const say = (text: string) =>
  send({
    method: 'session/update',
    params: {
      sessionId: 'wild',
      update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
    },
  });

let client: Promise<Client> | undefined;

async function call(name: string, input: object): Promise<ToolAnswer> {
  const { SKEIN_CAPABILITY: file = '', SKEIN_HOME: home = '' } = process.env;
  client ??= connectAgent(home, readFileSync(file, 'utf8').trim(), { retryFor: 60_000 });
  return callTool(await client, name, input, newId());
}

async function spread(): Promise<void> {
  for (let refused = 0; refused < PATIENCE; ) {
    const answer = await call('spawn', { definition: 'runaway', prompt: 'spread' });
    if (answer.ok) continue;
    if (refused++ === 0) say(`${answer.code}: ${answer.message}`);
  }
}

async function turn(id: unknown, text: string): Promise<void> {
  const [, from] = /^Message from (\S+):/.exec(text) ?? [];
  const [, to] = /^tell (\S+)$/.exec(text) ?? [];
  if (text === 'spread') await spread();
  else if ((from ?? to) !== undefined) {
    // Two for one: it never ends by itself.
    for (let i = 0; i < 2; i++) {
      const answer = await call('message', { agent: from ?? to, text: 'and you?' });
      if (!answer.ok) say(`${answer.code}: ${answer.message}`);
    }
  }
  send({ id, result: { stopReason: 'end_turn' } });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize')
    send({
      id,
      result: { protocolVersion: 1, agentCapabilities: {}, agentInfo: { name: 'runaway', version: '1' } },
    });
  else if (method === 'session/new') send({ id, result: { sessionId: 'wild' } });
  else if (method === 'session/prompt') {
    const text = (params.prompt as { text?: string }[]).map((part) => part.text ?? '').join('\n');
    void turn(id, text).catch((error) => {
      say(`failed: ${error.message}`);
      send({ id, result: { stopReason: 'end_turn' } });
    });
  } else if (id !== undefined && method !== undefined) send({ id, result: {} });
});
process.stdin.once('end', () => process.exit(0));
