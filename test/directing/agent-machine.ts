/** A machine on a network of its own with a node, real agents on it, and their scripted model on its loopback. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { writeDefinition } from '../agents/product/definitions.ts';
import type { Wanted } from '../agents/product/stage.ts';
import { makePlace, type Place } from '../agents/site.ts';
import { startModelUnder } from '../model/process.ts';
import { Skein } from '../support/cli.ts';
import type { Machine } from '../support/machines.ts';
import { kill } from '../support/processes.ts';
import { connectNode } from '../support/transport.ts';

/** What the command line gets of this environment, and so the node and the agents that it starts. */
const SHARED = ['PATH', 'LANG', 'NO_COLOR', 'SKEIN_HOME'];
/** Milliseconds for a client to come back to a node that was killed. */
const RETRY_MS = 120_000;
const PORT = 7001;

export class AgentMachine {
  readonly name: string;
  readonly skein: Skein;
  readonly place: Place;
  #client: Client | undefined;

  private constructor(name: string, skein: Skein, place: Place) {
    this.name = name;
    this.skein = skein;
    this.place = place;
  }

  /** Its node meets others at a relay, and asks nobody about what is written or run. */
  static async start(
    { name, under }: Machine,
    wanted: readonly Wanted[],
    relay: string,
  ): Promise<AgentMachine> {
    const place = await makePlace(() => startModelUnder(under));
    const skein = new Skein(under);
    for (const one of Object.keys(skein.env)) if (!SHARED.includes(one)) delete skein.env[one];
    skein.env.HOME = place.home;
    writeFileSync(join(place.home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.org\n');
    writeFileSync(
      join(skein.home, 'policy.yaml'),
      'rules:\n  - allow: { kind: [read, search, edit, execute, other] }\n',
      { mode: 0o600 },
    );
    for (const { agent, program } of wanted) writeDefinition(skein.home, agent, program, place);
    skein.run('mesh', '--listen', `0.0.0.0:${PORT}`, '--name', name, '--relay', relay);
    return new AgentMachine(name, skein, place);
  }

  /** A client of its node, on this machine's socket, that outlives the node. */
  async client(): Promise<Client> {
    this.#client ??= await connectNode(this.skein.home, { retryFor: RETRY_MS });
    return this.#client;
  }

  /** SIGKILL; `up` starts another. */
  killNode(): void {
    kill(this.skein.json<{ pid: number }>('status').pid);
  }

  up(): void {
    this.skein.run('up');
  }

  async end(): Promise<void> {
    this.#client?.close();
    this.skein.destroy();
    await this.place.remove();
    rmSync(this.place.home, { recursive: true, force: true });
  }
}
