/** Sessions with agents that do what they are told (talking-agent.ts), in a home of a test's own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { webSocket } from '../../packages/cli/src/connect/websocket.ts';

/** Defines the agent `talking` in a home. */
export function defineTalking(home: string): void {
  const directory = join(home, 'agents');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const program = join(import.meta.dirname, 'talking-agent.ts');
  const lines = ['driver: acp', `command: ${process.execPath}`, `args: [${JSON.stringify(program)}]`];
  writeFileSync(join(directory, 'talking.yaml'), `${[...lines, 'version: false'].join('\n')}\n`, {
    mode: 0o600,
  });
}

export function connectTo(home: string): Promise<Client> {
  const connect = webSocket(join(home, 'run/node.sock'), '/');
  return Client.connect({ connect, name: 'test', version: '0', retryFor: 20_000 });
}

/** A session named `name` with agents of the names given, all of them talking. */
export async function openTalking(
  client: Client,
  name: string,
  cwd: string,
  names: readonly string[] = ['talking'],
): Promise<{ id: string; agents: string[] }> {
  const id = newId();
  const agents: string[] = [];
  for (const [i, one] of names.entries()) {
    const agent = { agent: newId(), run: newId(), definition: 'talking', name: one };
    agents.push(agent.agent);
    if (i === 0) await client.command('node', 'session.open', { id, name, cwd, agent });
    else await client.command(`session/${id}`, 'agent.add', { ...agent, cwd });
  }
  return { id, agents };
}
