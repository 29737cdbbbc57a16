/** What all that is done by a plan needs: the node, what is wanted, and the ids of what is there by now. */
import { readEnvValue } from '@skein/node/agents/definitions/read-env-value';
import type { Client } from '@skein/protocol/client/client';
import type { ComposeLabel } from '@skein/protocol/compose/label';
import { SkeinError } from '@skein/protocol/errors';
import { nodeNamed } from '../connect/node-named.ts';
import { ofProject, type Present } from './present.ts';
import type { Wanted, WantedEnv } from './wanted.ts';

export interface ApplyContext {
  client: Client;
  wanted: Wanted;
  ids: Ids;
  home: string;
  env: Record<string, string>;
  purge: boolean;
}

export const labelOf = (
  { wanted }: ApplyContext,
  part: string,
  fields: ComposeLabel['fields'],
): ComposeLabel => ({
  project: wanted.project,
  part,
  fields,
});

/** The ids of workspaces, sessions and agents by what the file calls them; what is made is put here. */
export class Ids {
  readonly #workspaces = new Map<string, string>();
  readonly #sessions = new Map<string, string>();
  readonly #agents = new Map<string, string>();

  constructor(project: string, present: Present) {
    for (const { id, label } of ofProject(present.workspaces, project))
      this.#workspaces.set(label?.part ?? '', id);
    for (const { id, label, agents } of ofProject(present.sessions, project)) {
      this.#sessions.set(label?.part ?? '', id);
      for (const agent of agents) this.#agents.set(`${label?.part}/${agent.name}`, agent.id);
    }
  }

  workspace(part: string): string {
    return known(this.#workspaces.get(part), `workspace ${part}`);
  }

  session(part: string): string {
    return known(this.#sessions.get(part), `session ${part}`);
  }

  agent(part: string, name: string): string {
    return known(this.#agents.get(`${part}/${name}`), `agent ${part}/${name}`);
  }

  madeWorkspace(part: string, id: string): void {
    this.#workspaces.set(part, id);
  }

  madeSession(part: string, id: string): void {
    this.#sessions.set(part, id);
  }

  madeAgent(part: string, name: string, id: string): void {
    this.#agents.set(`${part}/${name}`, id);
  }
}

/** What is given once, by an id that says for what: where it is taken, another who does the same at once has given it. */
export async function once(given: Promise<unknown>): Promise<void> {
  try {
    await given;
  } catch (thrown) {
    if (SkeinError.from(thrown).code !== 'name_taken') throw thrown;
  }
}

/** The PeerId of a machine that is known here by this name. */
export async function machineOf(client: Client, name: string): Promise<string> {
  return nodeNamed(await client.ask('nodes', {}), name).peer;
}

function known(id: string | undefined, what: string): string {
  if (id !== undefined) return id;
  throw new SkeinError('internal', `There is no ${what} yet.`);
}

/** The environment of whoever runs this with what the file says on top, kept by the node until it is used: it never enters the log. */
export async function keptEnvironment(
  { client, wanted, env }: ApplyContext,
  own: WantedEnv,
): Promise<string> {
  const vars = { ...env };
  for (const [name, value] of Object.entries(own)) {
    delete vars[name];
    const found = readEnvValue(value, wanted.base, env);
    if (found !== undefined) vars[name] = found;
  }
  return (await client.ask('env', { vars })).handle;
}
