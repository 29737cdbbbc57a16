/** An agent's way to its tools, as whoever offers them to it has it: by the token in the file of its run (rule N1). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeSocket } from '@skein/node/home';
import { Client } from '@skein/protocol/client/client';
import type { ClientOptions } from '@skein/protocol/client/options';
import { newId } from '@skein/protocol/ids';
import type { ToolAnswer } from '@skein/protocol/tools/tool';
import type { ToolName, ToolOutput } from '@skein/protocol/tools/tools';
import { unixTransport } from './transport.ts';

export const tokenOf = (home: string, run: string): string =>
  readFileSync(join(home, 'runs', run, 'capability'), 'utf8').trim();

export function connectAgent(
  home: string,
  proof: string,
  options: Partial<ClientOptions> = {},
): Promise<Client> {
  const connect = unixTransport(nodeSocket(home), () => {}, '/agent');
  return Client.connect({ connect, name: 'test', version: '0', proof, ...options });
}

/** Calls a tool; the same `call` again is the same call. */
export function callTool(client: Client, name: string, input: unknown, call = newId()): Promise<ToolAnswer> {
  return client.ask('tool', { call, name, input });
}

/** What a call that must succeed answers with. */
export async function done<K extends ToolName>(
  client: Client,
  name: K,
  input: unknown,
  call = newId(),
): Promise<ToolOutput<K> & { text: string }> {
  const answer = await callTool(client, name, input, call);
  if (!answer.ok) throw new Error(`${name}: ${answer.code}: ${answer.message}`);
  return { ...(answer.data as ToolOutput<K>), text: answer.text };
}

/** How a call that must fail does. */
export async function refused(
  client: Client,
  name: string,
  input: unknown,
): Promise<{ code: string; field?: string; message: string }> {
  const answer = await callTool(client, name, input);
  if (answer.ok) throw new Error(`${name} was not refused: ${answer.text}`);
  return answer;
}
