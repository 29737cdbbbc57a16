/** Sessions with agents that do what they are told (talking-agent.ts), in a home of a test's own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { webSocket } from '@skein/client/transport/websocket';
import { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';

/** Defines such an agent in a home; with a script it does that whatever it is told. */
export function defineTalking(home: string, name = 'talking', script?: string): void {
  const directory = join(home, 'agents');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const definition = {
    ...{ driver: 'acp', command: process.execPath, version: false },
    args: [join(import.meta.dirname, 'talking-agent.ts')],
    env: script === undefined ? {} : { TALKING_SCRIPT: script },
  };
  // JSON is YAML too.
  writeFileSync(join(directory, `${name}.yaml`), JSON.stringify(definition), { mode: 0o600 });
}

export function connectTo(home: string): Promise<Client> {
  const connect = webSocket(join(home, 'run/node.sock'), '/');
  return Client.connect({ connect, name: 'test', version: '0', retryFor: 20_000 });
}

/** A session named `name` with agents of the names given, all of them talking, or of the definitions given. */
export async function openTalking(
  client: Client,
  name: string,
  cwd: string,
  names: readonly string[] = ['talking'],
  definitions: readonly string[] = [],
): Promise<{ id: string; agents: string[] }> {
  const id = newId();
  const agents: string[] = [];
  for (const [i, one] of names.entries()) {
    const agent = { agent: newId(), run: newId(), definition: definitions[i] ?? 'talking', name: one };
    agents.push(agent.agent);
    if (i === 0) await client.command('node', 'session.open', { id, name, cwd, agent });
    else await client.command(`session/${id}`, 'agent.add', { ...agent, cwd });
  }
  return { id, agents };
}
