/** All that a chat shows of a session, folded from its events: what it is, and the conversation with each of its agents. */
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import { type Offers, offersOf } from '@skein/protocol/agents/offers';
import type { AgentState } from '@skein/protocol/agents/state';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { emptySession, reduceSession, type SessionState } from '@skein/protocol/sessions/state';
import { workspaceRemark } from '../../agents/workspace-text.ts';
import { questionRemark } from '../asked.ts';
import { Conversation, type Naming } from './conversation.ts';
import { textOfParts } from './kept.ts';

export interface Me {
  /** Absent for the machine's own user. */
  member?: string | undefined;
}

/** What a node tells of a session when it is asked. */
export type Known = Pick<SessionState, 'name' | 'agents' | 'approvals'>;

const NOTHING_KNOWN: Known = { name: '', agents: {}, approvals: {} };

export class SessionModel implements Naming {
  state: SessionState;
  /** The offset of the last event that is in it. */
  offset = 0;
  readonly #me: Me;
  readonly #conversations = new Map<string, Conversation>();
  readonly #agentOfRun = new Map<string, string>();
  /** Prompts of the reader's own, oldest first. */
  readonly mine: string[] = [];

  constructor(id: string, me: Me, known: Known = NOTHING_KNOWN) {
    this.state = emptySession(id);
    this.#me = me;
    // Whoever may not read how an agent began still reads what it says from when they came.
    for (const { agent, run } of Object.values(known.agents))
      if (run !== null) this.#agentOfRun.set(run.run, agent);
  }

  /** Whether agents are missing whose beginning the reader may not read, or that is no longer kept. */
  lacks(known: Known): boolean {
    return Object.keys(known.agents).some((agent) => !Object.hasOwn(this.state.agents, agent));
  }

  /** Takes those from what the node tells; the others stay as their events have made them. */
  complete({ name, agents, approvals }: Known): void {
    const { state } = this;
    const missing = Object.fromEntries(
      Object.entries(agents).filter(([agent]) => !Object.hasOwn(state.agents, agent)),
    );
    const theirs = Object.fromEntries(
      Object.entries(approvals).filter(([, { agent }]) => Object.hasOwn(missing, agent)),
    );
    for (const { agent, run } of Object.values(missing))
      if (run !== null) this.#agentOfRun.set(run.run, agent);
    this.state = {
      ...state,
      name: state.name === '' ? name : state.name,
      agents: { ...missing, ...state.agents },
      approvals: { ...theirs, ...state.approvals },
    };
  }

  /** One event, the next. Those of before what is known are passed over: nothing is told twice. */
  apply(event: StoredEvent, offset: number): void {
    if (offset <= this.offset) return;
    this.offset = offset;
    this.state = reduceSession(this.state, event, offset);
    const body = event.body as { agent?: string; run?: string } | null;
    if (event.type === 'agent.starting') {
      const { agent, run } = event.body as AgentLifeEvents['agent.starting'];
      this.#agentOfRun.set(run, agent);
    } else if (event.type === 'prompt.queued' && this.isMine(event.by)) this.#remember(event);
    const remark = workspaceRemark(event) ?? questionRemark(event, this.state);
    if (remark !== undefined)
      for (const agent of remark.agents)
        if (Object.hasOwn(this.state.agents, agent)) this.conversation(agent).remark(remark, event.at);
    const agent = body?.agent ?? this.#agentOfRun.get(body?.run ?? '');
    if (typeof agent === 'string') this.conversation(agent).apply(event);
  }

  /** In the order in which they came. */
  get agents(): AgentState[] {
    return Object.values(this.state.agents);
  }

  conversation(agent: string): Conversation {
    let found = this.#conversations.get(agent);
    if (found === undefined) {
      found = new Conversation(this);
      this.#conversations.set(agent, found);
    }
    return found;
  }

  offers(agent: string): Offers {
    return offersOf(this.state.agents[agent] ?? {});
  }

  nameOf(by: unknown): string | undefined {
    if (this.isMine(by)) return 'you';
    const { kind, name } = (by ?? {}) as { kind?: string; name?: string };
    if (kind === 'member') return name;
    if (kind === 'owner') return this.#me.member === undefined ? 'you' : 'its owner';
    return kind === 'node' ? 'the node' : undefined;
  }

  isMine(by: unknown): boolean {
    const { kind, member } = (by ?? {}) as { kind?: string; member?: string };
    return this.#me.member === undefined ? kind === 'owner' : kind === 'member' && member === this.#me.member;
  }

  #remember({ body }: StoredEvent): void {
    const { parts } = body as AgentLifeEvents['prompt.queued'];
    const text = textOfParts(parts);
    if (text === '' || text.length > LONGEST_REMEMBERED || this.mine.at(-1) === text) return;
    this.mine.push(text);
    if (this.mine.length > MOST_REMEMBERED) this.mine.shift();
  }
}

/** Prompts that can be had again by a key, and the characters of one that are worth it. */
const MOST_REMEMBERED = 500;
const LONGEST_REMEMBERED = 16 * 1024;
