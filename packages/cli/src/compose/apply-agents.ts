/** Starts, changes and ends the agents of a compose file (rule B3). */
import { settled } from '@skein/client/settled';
import { isAlive } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { type Session, untilAgents } from '../agents/open.ts';
import { stopAgents } from '../agents/stop.ts';
import { again } from '../commands/restart/agents.ts';
import { type ApplyContext, keptEnvironment, labelOf, machineOf, once } from './apply-context.ts';
import { promptId } from './present.ts';
import type { WantedAgent } from './wanted.ts';

/** Milliseconds to end by itself before it is ended. */
const GRACE_MS = 5_000;
/** Milliseconds in which one that starts is to be there, before something can be chosen for it. */
const RUNNING_MS = 60_000;

/** Milliseconds to be placed on another machine. */
const FAR_MS = 20_000;

export class ApplyAgents {
  readonly #context: ApplyContext;

  constructor(context: ApplyContext) {
    this.#context = context;
  }

  /** A session that begins with it. One that cannot be started leaves none behind. */
  async open(part: string, name: string): Promise<void> {
    const { client, wanted, ids } = this.#context;
    const session = wanted.sessions[part];
    const one = session?.agents[name];
    if (session === undefined || one === undefined) return;
    const id = newId();
    const agent = await this.#spec(one);
    const compose = labelOf(this.#context, part, session.fields);
    await client.command('node', 'session.open', {
      id,
      name: session.name,
      cwd: session.cwd,
      agent,
      compose,
    });
    const now = await client.ask('session', { ref: id });
    const failed = await startedOrLater(
      client,
      { ...now, agents: {}, cursor: { offset: 0 } },
      agent.agent,
      one,
    );
    if (failed !== undefined) {
      await client.command('node', 'session.remove', { id, purge: true });
      throw failed;
    }
    ids.madeSession(part, id);
    ids.madeAgent(part, name, agent.agent);
  }

  async add(part: string, name: string): Promise<void> {
    const { client, wanted, ids } = this.#context;
    const one = wanted.sessions[part]?.agents[name];
    if (one === undefined) return;
    const session = await client.ask('session', { ref: ids.session(part) });
    const agent = await this.#spec(one);
    const stream = `session/${session.id}`;
    await client.command(stream, 'agent.add', agent);
    const failed = await startedOrLater(client, session, agent.agent, one);
    if (failed !== undefined) {
      await client.command(stream, 'agent.remove', { agent: agent.agent });
      throw failed;
    }
    ids.madeAgent(part, name, agent.agent);
  }

  async prompt(part: string, name: string): Promise<void> {
    const { client, wanted, ids } = this.#context;
    const text = wanted.sessions[part]?.agents[name]?.prompt;
    if (text === undefined) return;
    const agent = ids.agent(part, name);
    const body = { agent, prompt: promptId(agent), parts: [{ type: 'text' as const, text }] };
    await once(client.command(`session/${ids.session(part)}`, 'prompt.queue', body));
  }

  async choose(part: string, name: string, choice: 'mode' | 'model', value: string): Promise<void> {
    const { client, ids } = this.#context;
    const agent = ids.agent(part, name);
    const session = await client.ask('session', { ref: ids.session(part) });
    const there = await untilAgents(
      client,
      session,
      ({ agents }) => agents[agent]?.life !== 'starting',
      RUNNING_MS,
    );
    if (there === undefined)
      throw new SkeinError('timeout', 'it has not started yet.', { see: `skein agents ${session.name}` });
    const target = `session/${session.id}`;
    if (choice === 'mode') await client.command(target, 'agent.mode', { agent, mode: value });
    else await client.command(target, 'agent.model', { agent, model: value });
  }

  async restart(session: string, id: string): Promise<void> {
    const { client } = this.#context;
    const now = await client.ask('session', { ref: session });
    const agent = now.agents[id];
    if (agent === undefined) return;
    // It waits to be told already, by the last who did this.
    if (now.far[id]?.unheard.some(({ type }) => type === 'agent.restart')) return;
    try {
      await again(client, now, agent, false);
    } catch (thrown) {
      // As one that is placed later: it holds up nothing else of the file.
      if (SkeinError.from(thrown).code !== 'peer_unreachable') throw thrown;
    }
  }

  async stop(session: string, id: string): Promise<void> {
    const { client } = this.#context;
    const now = await client.ask('session', { ref: session });
    const agent = now.agents[id];
    if (agent !== undefined && isAlive(agent)) await stopAgents(client, now, [agent], GRACE_MS);
  }

  async remove(session: string, id: string): Promise<void> {
    await this.stop(session, id);
    await this.#context.client.command(`session/${session}`, 'agent.remove', { agent: id });
  }

  async #spec(one: WantedAgent) {
    const { name, definition, mode, model, args, cwd, env, workspace, worktree, pty, on, there, direct } =
      one;
    const { client, ids } = this.#context;
    return {
      ...{ agent: newId(), run: newId(), name, definition },
      ...(args.length === 0 ? {} : { args }),
      ...(mode === undefined ? {} : { mode }),
      ...(model === undefined ? {} : { model }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(workspace === undefined ? {} : { workspace: ids.workspace(workspace) }),
      ...(worktree === undefined ? {} : { worktree }),
      ...(pty === undefined ? {} : { pty }),
      ...(there === undefined ? {} : { there }),
      ...(direct === undefined ? {} : { direct }),
      // Elsewhere it has the environment of the node there.
      ...(on === undefined
        ? { env: await keptEnvironment(this.#context, env) }
        : { on: await machineOf(client, on) }),
      compose: labelOf(this.#context, name, one.fields),
    };
  }
}

/**
 * Waits until it has started; why it cannot, if so. One on another machine is not waited for as long as that cannot be reached: it is
 * placed as soon as it can be.
 */
async function startedOrLater(
  client: Client,
  before: Session,
  agent: string,
  { on }: WantedAgent,
): Promise<SkeinError | undefined> {
  if (on === undefined) return settled(client, before, agent);
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), FAR_MS).unref();
  });
  return Promise.race([settled(client, before, agent), late]);
}
