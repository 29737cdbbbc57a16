/** A node with the real agents' definitions, their scripted model, and sessions of agents in it, as a client sees them. */
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { Skein } from '../../support/cli.ts';
import { destroyHome } from '../../support/home.ts';
import { NodeProcess } from '../../support/node-process.ts';
import { connectNode } from '../../support/transport.ts';
import type { RawAgent } from '../raw-agent.ts';
import { makeSite, type Site } from '../site.ts';
import { writeDefinition } from './definitions.ts';
import { Log } from './log.ts';
import { Member } from './member.ts';

export interface Wanted {
  agent: RawAgent;
  program: string;
}

/** What the command line gets of this environment, and so the agents that it starts. */
const SHARED = ['PATH', 'LANG', 'NO_COLOR', 'SKEIN_HOME'];

/** Milliseconds for a client to come back to a node that was killed. */
const RETRY_MS = 60_000;

/** The node's own home is the site's too: whatever reads a HOME finds nothing of whoever runs the test. */
const startNode = ({ home }: Skein, site: Site) => NodeProcess.start(home, { env: { HOME: site.home } });

export class Stage {
  readonly client: Client;
  readonly site: Site;
  readonly skein: Skein;
  #node: NodeProcess;
  readonly #logs: Log[] = [];

  private constructor(node: NodeProcess, client: Client, site: Site, skein: Skein) {
    this.#node = node;
    this.client = client;
    this.site = site;
    this.skein = skein;
  }

  static async start(wanted: readonly Wanted[]): Promise<Stage> {
    const site = await makeSite();
    const skein = new Skein();
    for (const name of Object.keys(skein.env)) if (!SHARED.includes(name)) delete skein.env[name];
    skein.env.HOME = site.home;
    for (const { agent, program } of wanted) writeDefinition(skein.home, agent, program, site);
    const node = await startNode(skein, site);
    return new Stage(node, await connectNode(skein.home, { retryFor: RETRY_MS }), site, skein);
  }

  async killNode(): Promise<void> {
    await this.#node.kill();
  }

  async startNode(): Promise<void> {
    this.#node = await startNode(this.skein, this.site);
  }

  /** A session that begins with one agent, by `skein spawn`. */
  spawn(agent: RawAgent): Promise<Member> {
    return this.#spawn('spawn', agent.name, '--cwd', this.site.cwd);
  }

  /** The same in a worktree of its own of a workspace. */
  spawnIn(workspace: string, agent: RawAgent): Promise<Member> {
    return this.#spawn('spawn', agent.name, '--workspace', workspace, '--worktree');
  }

  async #spawn(...words: string[]): Promise<Member> {
    const { status, stdout, stderr } = await this.skein.later([...words, '--json']);
    if (status !== 0) throw new Error(`skein spawn: ${stderr}`);
    const { session, agent: id, ref } = JSON.parse(stdout);
    return new Member(this.client, this.#follow(session), id, ref);
  }

  /** The same by the protocol; with `resume` it goes on with a session of the agent's own, with `pty` it has a terminal. */
  async open(agent: RawAgent, resume?: string, pty?: { cols: number; rows: number }): Promise<Member> {
    const id = newId();
    const spec = { ...specOf(agent, resume), ...(pty === undefined ? {} : { pty }) };
    await this.client.command('node', 'session.open', { id, cwd: this.site.cwd, agent: spec });
    return new Member(this.client, this.#follow(id), spec.agent, `${id}/${agent.name}`);
  }

  /** Another agent in the session of `member`. */
  async add({ log }: Member, agent: RawAgent, resume?: string): Promise<Member> {
    const spec = specOf(agent, resume);
    await this.client.command(`session/${log.session}`, 'agent.add', spec);
    return new Member(this.client, log, spec.agent, `${log.session}/${spec.agent}`);
  }

  async stop(): Promise<void> {
    for (const log of this.#logs) log.stop();
    await this.client.ask('stop', { kill: true }).catch(() => {});
    await this.#node.stop();
    this.client.close();
    destroyHome(this.skein.home);
    await this.site.remove();
  }

  #follow(session: string): Log {
    const log = new Log(this.client, session);
    this.#logs.push(log);
    return log;
  }
}

function specOf({ name }: RawAgent, resume: string | undefined) {
  const ids = { agent: newId(), run: newId() };
  return { ...ids, definition: name, ...(resume === undefined ? {} : { resume }) };
}
