/**
 * Surprises that are a process's doing, not its protocol's: an agent that does not exit when its input closes, and one that
 * leaves a daemon; with an agent of every protocol, and with those in a terminal (rules A6, A7, H4). The others are in the
 * drivers' contract.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROCESS_SURPRISES } from '@skein/node/drivers/surprises.fixture';
import type { AgentState } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { afterEach, describe, expect, test } from 'vitest';
import { AgentLog } from './support/agent-log.ts';
import { destroyHome, hostsOf, makeHome } from './support/home.ts';
import { NodeProcess } from './support/node-process.ts';
import { definePlayed, inTerminal, PROTOCOLS, type ProtocolName, SIZE, TERMINALS } from './support/played.ts';
import { LEAVES_DAEMON, promptFor, STAYS } from './support/plays.ts';
import { kill, until, withEnvironment } from './support/processes.ts';
import { connectNode } from './support/transport.ts';

/** Milliseconds that an agent has to end by itself. */
const GRACE_MS = 200;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

class Scene {
  readonly home: string;
  readonly client: Client;
  readonly log: AgentLog;
  readonly id: string;
  #prompts = 0;

  constructor(home: string, client: Client, session: string, id: string) {
    this.home = home;
    this.client = client;
    this.id = id;
    this.log = new AgentLog(client, session);
  }

  get agent(): AgentState | undefined {
    return this.log.state.agents[this.id];
  }

  get run(): string {
    return this.agent?.run?.run ?? '';
  }

  command(type: 'agent.stop' | 'agent.restart', body: object): Promise<unknown> {
    return this.client.command(
      `session/${this.log.session}`,
      type as 'agent.stop',
      { agent: this.id, ...body } as never,
    );
  }

  async answers(): Promise<void> {
    await this.log.until('it is ready', () => this.agent?.run?.ready === true);
    const prompt = newId();
    const parts = [{ type: 'text' as const, text: promptFor('talk', String(++this.#prompts)) }];
    await this.client.command(`session/${this.log.session}`, 'prompt.queue', {
      agent: this.id,
      prompt,
      parts,
    });
    await this.log.until('its turn ends', () => this.log.turnOf(prompt) !== undefined);
    expect(this.log.turnOf(prompt)).toMatchObject({ end: 'done' });
  }
}

async function scene(protocol: ProtocolName, oddity: string): Promise<Scene> {
  const home = makeHome();
  const node = await NodeProcess.start(home);
  const client = await connectNode(home);
  const folder = join(home, '..', 'written');
  mkdirSync(folder);
  definePlayed(home, folder, protocol, [oddity]);
  const [id, agent] = [newId(), newId()];
  const pty = inTerminal(protocol) ? { pty: SIZE } : {};
  const spec = { agent, run: newId(), definition: `played-${protocol}`, name: protocol, ...pty };
  await client.command('node', 'session.open', { id, cwd: '/tmp', agent: spec });
  const made = new Scene(home, client, id, agent);
  ends.push(async () => {
    made.log.stop();
    client.close();
    await node.stop();
    destroyHome(home);
  });
  return made;
}

const ended = ({ agent }: Scene) => agent?.life !== 'running' && agent?.life !== 'starting';
const [STAYING, LEAVING] = Object.keys(PROCESS_SURPRISES) as (keyof typeof PROCESS_SURPRISES)[];

describe.each([...PROTOCOLS, ...TERMINALS])('an agent by %s', (protocol) => {
  test(`[A6] [H4] ${STAYING}: it is ended when it is stopped, and when its host is gone`, async () => {
    const stays = await scene(protocol, STAYS);
    await stays.answers();
    const first = stays.run;
    await stays.command('agent.stop', { grace: GRACE_MS });
    await stays.log.until('it is stopped', () => stays.agent?.life === 'stopped');
    expect(withEnvironment('SKEIN_RUN', first)).toEqual([]);
    await stays.command('agent.restart', { run: newId(), fresh: false });
    await stays.answers();
    const second = stays.run;
    expect(second).not.toBe(first);
    const host = hostsOf(stays.home).find(({ id }) => id === stays.agent?.run?.host);
    kill(host?.pid ?? 0);
    await stays.log.until('its end is told', () => stays.run !== second || ended(stays));
    await until('it is gone', () => withEnvironment('SKEIN_RUN', second).length === 0);
  });

  test(`[A6] [H4] ${LEAVING}: its end is told all the same, and it starts again`, async () => {
    const leaves = await scene(protocol, LEAVES_DAEMON);
    await leaves.answers();
    const [first, pid] = [leaves.run, leaves.agent?.run?.pid];
    const daemons = () => withEnvironment('SKEIN_RUN', first).filter((one) => one !== pid);
    try {
      // What told of the turn's end as a hook may be about to end itself.
      await until('it has left a daemon, and nothing else', () => daemons().length === 1);
      const before = daemons();
      await leaves.command('agent.stop', { grace: GRACE_MS });
      await leaves.log.until('it is stopped', () => leaves.agent?.life === 'stopped');
      // What was started in a terminal may outlive it; on pipes nobody would know of it any more.
      if (inTerminal(protocol)) expect(daemons()).toEqual(before);
      else await until('the daemon is ended', () => daemons().length === 0);
      await leaves.command('agent.restart', { run: newId(), fresh: false });
      await leaves.answers();
      expect(leaves.run).not.toBe(first);
    } finally {
      for (const left of [...daemons(), ...withEnvironment('SKEIN_RUN', leaves.run)]) kill(left);
    }
  });
});
