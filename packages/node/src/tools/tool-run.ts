/**
 * One call of a tool (rule N1): who makes it, the session that it is in, and how it gives commands. Each command has an id made of the
 * call's and of what it is in it, so that the same call again, after a killed node or a cut link, is the same as once (K2).
 */
import { createHash } from 'node:crypto';
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { LOCAL } from '@skein/protocol/host/local';
import { idOf } from '@skein/protocol/ids';
import { LOCAL_OWNER, NODE_ITSELF, type Who } from '@skein/protocol/members/who';
import type { Asks } from '@skein/protocol/sessions/asks';
import type { Commands } from '@skein/protocol/sessions/commands';
import type { SessionState } from '@skein/protocol/sessions/state';
import { nearest } from '../actors/nearest.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { Command, KernelApi, Reply } from '../kernel/types.ts';
import type { Principal } from '../members/principal.ts';
import { agentTypes } from '../members/typing.ts';
import type { Sessions } from '../sessions/service.ts';
import type { Workspaces } from '../workspaces/service.ts';
import { wrong } from './answers.ts';
import { terminalInput } from './terminal-input.ts';

export interface ToolParts {
  kernel: KernelApi;
  sessions: Sessions;
  workspaces: Workspaces;
  hosts: HostPool;
  home: string;
  execute(by: unknown, command: Command): Promise<Reply>;
  ask(type: string, body: unknown, aborted: AbortSignal, by: Principal): Promise<unknown>;
}

export interface CallIn {
  /** The agent that calls; null for the machine's user. */
  me: string | null;
  session: string;
  call: string;
  aborted: AbortSignal;
}

export class ToolRun {
  readonly parts: ToolParts;
  readonly session: string;
  readonly aborted: AbortSignal;
  readonly me: string | null;
  readonly #call: string;

  constructor(parts: ToolParts, { me, session, call, aborted }: CallIn) {
    this.parts = parts;
    this.me = me;
    this.session = session;
    this.aborted = aborted;
    this.#call = call;
  }

  state(): Promise<SessionState> {
    return this.parts.sessions.session(this.session);
  }

  /** An id of something that this call makes: the same whenever it is made again. */
  id(what: string): string {
    return idOf(this.#hash(what));
  }

  /** The caller's own state; undefined for the machine's user. */
  mine(state: SessionState): AgentState | undefined {
    return this.me === null ? undefined : state.agents[this.me];
  }

  /** The directory on this machine that the caller's work is in. */
  cwd(state: SessionState): string {
    const me = this.mine(state);
    return me === undefined || Object.hasOwn(state.far, me.agent) ? state.cwd : me.cwd;
  }

  async who(): Promise<Who> {
    if (this.me === null) return LOCAL_OWNER;
    const { agents } = await this.state();
    return { kind: 'agent', session: this.session, agent: this.me, name: agents[this.me]?.name ?? '' };
  }

  /** Gives a command as the caller; throws what it is refused with. `what` names it within the call. */
  async command<K extends keyof Commands>(
    what: string,
    target: string,
    type: K,
    body: Commands[K],
  ): Promise<unknown> {
    const { kernel, execute } = this.parts;
    const client = this.#hash(what).toString('base64url');
    const reply = await execute(await this.who(), { id: { client, seq: 1 }, target, type, body });
    // That receipts may age from now on: a call is made again within minutes, if at all.
    kernel.ack(client, 1);
    if (reply.ok) return reply.value;
    throw SkeinError.fromBody(reply.error);
  }

  /** The caller is being told what those have reported. */
  async reportsSeen(state: SessionState, of: readonly string[]): Promise<void> {
    if (!this.mine(state)?.unread?.some((one) => of.includes(one))) return;
    const body = { agent: this.me, of };
    const target = `session/${this.session}`;
    await this.parts.kernel.submit(NODE_ITSELF, { target, type: 'reports.see', body });
  }

  /** To the caller's session. */
  toSession<K extends keyof Commands>(what: string, type: K, body: Commands[K]): Promise<unknown> {
    return this.command(what, `session/${this.session}`, type, body);
  }

  /** Asks the node as its user: only what the caller may know is to be asked so. */
  ask<K extends keyof Asks>(type: K, body: Asks[K]['body']): Promise<Asks[K]['answer']> {
    return this.parts.ask(type, body, this.aborted, LOCAL_OWNER) as Promise<Asks[K]['answer']>;
  }

  /** Waits until the session is as wanted, so many seconds at most; `over`: the time was. */
  async until(
    wanted: (state: SessionState) => boolean,
    seconds: number,
  ): Promise<{ state: SessionState; over: boolean }> {
    const limit = AbortSignal.any([this.aborted, AbortSignal.timeout(Math.ceil(seconds * 1_000))]);
    const state = await this.parts.sessions.until(this.session, wanted, limit);
    return { state, over: !wanted(state) };
  }

  /**
   * The agent that a field of the input names, by its whole name or id: a part of one might mean another tomorrow. Throws `not_found`,
   * with those that are near.
   */
  agent(state: SessionState, ref: string, field = 'agent'): AgentState {
    const all = Object.values(state.agents);
    const found = all.find(({ name }) => name === ref) ?? all.find(({ agent }) => agent === ref);
    if (found !== undefined) return found;
    const near = nearest(all, ref, ({ name }) => name).map(({ name }) => name);
    const named = (near.length > 0 ? near : all.map(({ name }) => name)).slice(0, 10).join(', ');
    const hint =
      all.length === 0 ? 'There are none yet.' : `${near.length > 0 ? 'Near' : 'There are'}: ${named}.`;
    throw wrong(field, `"${field}": there is no agent "${ref}" in this session. ${hint}`, 'not_found', {
      near,
    });
  }

  type(bytes: Uint8Array): Promise<void> {
    return terminalInput(
      this.parts,
      this.session,
      this.me === null ? LOCAL : agentTypes(this.me),
      bytes,
      this.#hash('type').toString('base64url'),
      this.aborted,
    );
  }

  #hash(what: string): Buffer {
    return createHash('sha256')
      .update(JSON.stringify([this.session, this.me, this.#call, what]))
      .digest();
  }
}
