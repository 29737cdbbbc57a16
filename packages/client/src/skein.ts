/**
 * Skein for programs on Node: connected to this user's node, which is started when it does not run, and through it to others.
 * In a browser there is no socket: there `Client` of @skein/protocol is used over a transport of one's own.
 */
import { resolve } from 'node:path';
import type { WaitingApproval } from '@skein/protocol/agents/asks';
import type { AgentSpec } from '@skein/protocol/agents/commands';
import type { Cursor } from '@skein/protocol/channel/frames';
import { Client } from '@skein/protocol/client/client';
import { allSessions } from '@skein/protocol/client/sessions';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { Asks, ListedSession } from '@skein/protocol/sessions/asks';
import { SkeinAgent } from './agent.ts';
import { environmentIn } from './environment.ts';
import { readEvents, type SkeinEvent } from './events.ts';
import { checkHome, nodeSocket, resolveHome } from './home.ts';
import { leaving } from './leaving.ts';
import { isAbsent } from './running.ts';
import { settleProgram } from './settle-program.ts';
import { settled } from './settled.ts';
import { startNode } from './start.ts';
import { Stoppable } from './stoppable.ts';
import { SkeinTerminal } from './terminal.ts';
import { webSocket } from './transport/websocket.ts';

/** What a program names of what it is given, and catches. */
export { SkeinError } from '@skein/protocol/errors';
export type { SkeinAgent } from './agent.ts';
export type { SkeinEvent } from './events.ts';
export type { SkeinTerminal } from './terminal.ts';
export type { Turn, TurnEnd } from './turn.ts';

/** Milliseconds for which a lost connection is tried again unless said otherwise. */
const RETRY_MS = 60_000;

export interface ConnectOptions {
  /** The node's home; by default SKEIN_HOME, else as the `skein` command finds it. */
  home?: string;
  /** Another node that this one knows, by name or PeerId; everything is done there (`skein nodes`). */
  node?: string;
  /** Starts the node when it does not run: true unless said otherwise. */
  start?: boolean;
  /** The `skein` that starts it: `skein` on the PATH by default. A .cjs file is run by this Node. */
  program?: string;
  /** Milliseconds to go on trying when the connection is lost; meanwhile everything waits, and nothing is done twice. */
  retryFor?: number;
  /** What the program is called in the node's log. */
  name?: string;
  onConnection?: (state: 'lost' | 'back') => void;
}

/**
 * Connects. Throws SkeinError: `node_unreachable` when there is no node and none can be started, `home_unsafe`, `path_too_long`,
 * `unsupported_version`, `not_found` and `peer_unreachable` for another node.
 */
export async function connectSkein(options: ConnectOptions = {}): Promise<Skein> {
  const home = resolveHome(options.home);
  checkHome(home);
  const { node, name = 'skein client', start = true, program = 'skein' } = options;
  const { retryFor = RETRY_MS, onConnection } = options;
  const lasting = { retryFor, leaving: leaving(), ...(onConnection === undefined ? {} : { onConnection }) };
  const open = async () => {
    const own = webSocket(nodeSocket(home), '/');
    if (node === undefined) return Client.connect({ connect: own, name, version: '0', ...lasting });
    // By what it is whatever it is called: it may be called otherwise by the time that the connection is made again.
    const asked = await Client.connect({ connect: own, name, version: '0' });
    const peer = await peerNamed(asked, node).finally(() => asked.close());
    const connect = webSocket(nodeSocket(home), `/node/${encodeURIComponent(peer)}`);
    return Client.connect({ connect, name, version: '0', ...lasting });
  };
  try {
    return new Skein(await open(), home, node);
  } catch (error) {
    if (!start || !isAbsent(error)) throw error;
  }
  await startNode(home, program);
  return new Skein(await open(), home, node);
}

/** The PeerId of a node, by its name or itself. Throws `not_found`. */
async function peerNamed(client: Client, name: string): Promise<string> {
  const nodes = await client.ask('nodes', {});
  const found = nodes.find((one) => one.name === name || one.peer === name);
  if (found !== undefined) return found.peer;
  const names = nodes.flatMap((one) => (one.name === '' ? [] : [one.name])).join(', ');
  throw new SkeinError(
    'not_found',
    `No node "${name}" is known here.${names === '' ? '' : ` There are: ${names}.`}`,
  );
}

export interface SpawnOptions {
  /** Its session: one that is there, by id or name; by default a new one is made for it. */
  in?: string;
  /** What a new session is called. */
  session?: string;
  /** What the agent is called in its session: its definition's name by default. */
  as?: string;
  /** Where it works: by default this program's own directory, and with `in` the one of that session. */
  cwd?: string;
  /** The machine that it runs on, by name or PeerId: one that has given this one a grant. Needs `in`. */
  on?: string;
  /** Where it works there, or an empty workspace. */
  there?: AgentSpec['there'];
  mode?: string;
  model?: string;
  /** More of its program's environment, besides this program's own. Not told to other machines. */
  env?: Record<string, string>;
  args?: string[];
}

export interface RunOptions {
  /** The session's name; after its program, when none is given. */
  name?: string;
  /** By default this program's. */
  cwd?: string;
  /** More of its environment, besides this program's own. */
  env?: Record<string, string>;
  /** 80 and 24 unless said otherwise. */
  cols?: number;
  rows?: number;
}

export interface EventsOptions {
  /** Goes on with events as they come: true unless said otherwise. */
  follow?: boolean;
  /** Stops it. */
  signal?: AbortSignal;
}

export class Skein {
  /** What all of this is made of: asks, commands with receipts, subscriptions. */
  readonly client: Client;
  readonly #home: string;
  readonly #node: string | undefined;

  constructor(client: Client, home: string, node?: string) {
    this.client = client;
    this.#home = home;
    this.#node = node;
  }

  sessions(): Promise<ListedSession[]> {
    return allSessions(this.client);
  }

  /** Throws `not_found` and `ambiguous`. */
  session(ref: string): Promise<Asks['session']['answer']> {
    return this.client.ask('session', { ref });
  }

  /** Starts a program in a session of its own; resolves when it runs. Throws `program_not_found`, `bad_cwd`, `name_taken` and the like. */
  async run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<SkeinTerminal> {
    const { name, cwd = process.cwd(), env = {}, cols = 80, rows = 24 } = options;
    const { handle } = await this.client.ask('env', { vars: { ...environmentIn(this.#home), ...env } });
    const id = newId();
    const wanted = { id, run: newId(), argv: [...argv], cwd: resolve(cwd), cols, rows, env: handle };
    await this.client.command('node', 'session.create', name === undefined ? wanted : { ...wanted, name });
    await settleProgram(this.client, id);
    return new SkeinTerminal(this.client, id);
  }

  /** The terminal of a session that is there. Throws `not_found`, `ambiguous`. */
  async terminal(ref: string): Promise<SkeinTerminal> {
    return new SkeinTerminal(this.client, (await this.session(ref)).id);
  }

  /** Starts an agent by its definition's name, such as `claude`; resolves when its process is there. Throws why it is not. */
  async spawn(definition: string, options: SpawnOptions = {}): Promise<SkeinAgent> {
    const { in: into, session: called, as, cwd, env = {}, on, ...more } = options;
    const [agent, run] = [newId(), newId()];
    const peer = on === undefined ? {} : { on: await peerNamed(this.client, on) };
    const vars = { ...environmentIn(this.#home), ...env };
    const local = this.#node === undefined && on === undefined;
    const handle = local ? { env: (await this.client.ask('env', { vars })).handle } : {};
    const spec = {
      agent,
      run,
      definition,
      ...(as === undefined ? {} : { name: as }),
      ...more,
      ...peer,
      ...handle,
    };
    if (into === undefined) return this.#open(spec, called, resolve(cwd ?? process.cwd()));
    const session = await this.session(into);
    const place = cwd === undefined ? {} : { cwd: local ? resolve(cwd) : cwd };
    await this.client.command(`session/${session.id}`, 'agent.add', { ...spec, ...place });
    const failed = await settled(this.client, session, agent);
    if (failed === undefined) return new SkeinAgent(this.client, session.id, agent);
    if (failed.code !== 'gone') await this.client.command(`session/${session.id}`, 'agent.remove', { agent });
    throw failed;
  }

  async #open(spec: AgentSpec, called: string | undefined, cwd: string): Promise<SkeinAgent> {
    const id = newId();
    const name = called === undefined ? {} : { name: called };
    await this.client.command('node', 'session.open', { id, cwd, agent: spec, ...name });
    const session = await this.session(id);
    const failed = await settled(this.client, { ...session, agents: {}, cursor: { offset: 0 } }, spec.agent);
    if (failed === undefined) return new SkeinAgent(this.client, id, spec.agent);
    await this.client.command('node', 'session.remove', { id, purge: true });
    throw failed;
  }

  /** An agent that is there, as `session/agent`; of a session that has one, the session's name is enough. Throws `not_found`, `ambiguous`. */
  async agent(ref: string): Promise<SkeinAgent> {
    const [sessionRef = '', wanted] = ref.split('/', 2);
    const { id, name, agents } = await this.session(sessionRef);
    const all = Object.values(agents);
    const found =
      wanted === undefined ? all : all.filter((one) => one.name === wanted || one.agent === wanted);
    const [one] = found;
    const names = all.map((each) => each.name).join(', ');
    if (one === undefined)
      throw new SkeinError(
        'not_found',
        `Session "${name}" has no agent${wanted === undefined ? '' : ` "${wanted}"`}.`,
        {
          near: all.map((each) => each.name),
        },
      );
    if (found.length > 1)
      throw new SkeinError(
        'ambiguous',
        `Session "${name}" has several agents: ${names}. Say which: ${name}/${one.name}`,
      );
    return new SkeinAgent(this.client, id, one.agent);
  }

  /**
   * A session's events behind a cursor, and those that come: from the first unless a cursor is given. Keep `{epoch, offset}` of the
   * last, and go on from there another time. Throws `cursor_before_retained` and the like. Stopped at once, even while it waits, by
   * `return()`, or by a signal, whose reason it throws. Without `follow` it ends with the last event that there is.
   */
  events(
    ref: string,
    from: Cursor = { offset: 0 },
    options: boolean | EventsOptions = {},
  ): AsyncGenerator<SkeinEvent, undefined, undefined> {
    const { follow = true, signal } = typeof options === 'boolean' ? { follow: options } : options;
    return new Stoppable((stopped) => this.#events(ref, from, follow, stopped), signal);
  }

  async *#events(
    ref: string,
    after: Cursor,
    follow: boolean,
    stopped: AbortSignal,
  ): AsyncGenerator<SkeinEvent, undefined, undefined> {
    const { id } = await this.session(ref);
    const what = { stream: `session/${id}`, after, follow, whole: true, stopped };
    for await (const event of readEvents(this.client, what)) yield event as SkeinEvent;
  }

  /** The questions that wait for an answer, of every session. Answered by `approve`. */
  async approvals(): Promise<WaitingApproval[]> {
    return (await this.client.ask('approvals', {})).approvals;
  }

  /** The first answer wins; says which that was. `always`: the like is answered so from now on. */
  approve(
    { session, approval }: Pick<WaitingApproval, 'session' | 'approval'>,
    answer: 'allow' | 'deny' | { option: string },
    { always = false, reason }: { always?: boolean; reason?: string } = {},
  ): Promise<{ approval: string; outcome: 'allowed' | 'denied' }> {
    const body = { approval, answer, always, ...(reason === undefined ? {} : { reason }) };
    const told = this.client.command(`session/${session}`, 'approval.answer', body);
    return told as Promise<{ approval: string; outcome: 'allowed' | 'denied' }>;
  }

  /** Agents and terminals go on. */
  close(): void {
    this.client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
