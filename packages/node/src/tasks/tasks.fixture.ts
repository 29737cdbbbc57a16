/** For tests: a session with tasks, agents that do as they are told, and the effects that are under way; no kernel, no processes. */
import { type AgentState, isAlive } from '@skein/protocol/agents/state';
import { newId } from '@skein/protocol/ids';
import { emptySession, reduceSession, type SessionState } from '@skein/protocol/sessions/state';
import { START_AGENT } from '../agents/effects-wanted.ts';
import type { DecideContext, Decision, Effect, NewEvent } from '../kernel/types.ts';
import { sessionActor } from '../sessions/session-actor.ts';
import { TASK_AGENT, TASK_CHECK, type TaskEffect } from './decide.ts';
import { WORK_DUE } from './working.ts';

export const LOCAL = { kind: 'owner', via: 'local' } as const;
const NODE = { kind: 'node' };

export class Workshop {
  state: SessionState;
  now = 1_000;
  events: NewEvent[] = [];
  effects: Effect[] = [];
  told: NonNullable<Decision['tell']>[number][] = [];
  /** Looks at the state after each event. */
  watch: (state: SessionState, event: NewEvent, before: SessionState) => void = () => {};

  constructor() {
    this.state = emptySession('sessionaaaaa');
    const agent = { agent: 'leadaaaaaaaa', run: newId(), definition: 'lead' };
    this.#submit('session.open', { id: this.state.id, name: 's', cwd: '/w', agent }, NODE, false);
    this.settle(Infinity);
  }

  /** A client's command; its reply. */
  give(type: string, body: object, by: unknown = LOCAL): unknown {
    return this.#submit(type, body, by, true).reply;
  }

  tell(type: string, body: unknown): void {
    this.#submit(type, body, NODE, false);
  }

  add(more: object = {}): string {
    const task = newId();
    this.give('task.add', { task, text: 'do it', ...more });
    return task;
  }

  /** Somebody joins it as an operator. */
  join(member: string): void {
    const device = { device: member, deviceName: member, history: 'all', from: 1, runs: {}, ticket: member };
    const event = { type: 'member.joined', body: { member, name: member, role: 'operator', ...device } };
    this.state = reduceSession(this.state, { ...event, at: this.now, by: LOCAL }, this.events.length);
  }

  member(member: string) {
    return { kind: 'member', member, name: member, device: member } as const;
  }

  spawn(definition: string): string {
    const agent = newId();
    this.give('agent.add', { agent, run: newId(), definition });
    return agent;
  }

  alive(): AgentState[] {
    return Object.values(this.state.agents).filter(isAlive);
  }

  /** The next effect is carried out, or fails; `twice` as when the node was killed before it had heard of the first. */
  act({ fails = false, twice = false } = {}): boolean {
    const effect = this.effects.shift();
    if (effect === undefined) return false;
    const { id, kind, body } = effect;
    const error = { code: 'agent_missing', message: 'not here' };
    const outcome = (value: unknown) =>
      this.tell('effect.outcome', {
        id,
        kind,
        ...(fails ? { status: 'failed', error } : { status: 'done', value }),
      });
    if (kind === START_AGENT)
      outcome({
        ...{ host: 'h', pid: 1, start: '1', driver: 'acp', argv: [], stuckAfter: 0 },
        restart: { when: 'never', most: 0, delay: 0 },
      });
    else if (kind === TASK_AGENT) {
      for (let times = twice ? 2 : 1; !fails && times > 0; times--) this.#startFor(body as TaskEffect);
      outcome({});
    } else if (kind === TASK_CHECK) outcome({ ok: true, how: '', tail: '' });
    return true;
  }

  #startFor({ task }: TaskEffect): void {
    const { given, definition } = this.state.tasks[task] ?? {};
    if (!given?.run || Object.hasOwn(this.state.agents, given.agent)) return;
    this.give('agent.add', { agent: given.agent, run: given.run, definition });
  }

  step(agent: AgentState, ...events: NewEvent[]): void {
    this.tell('agent.stepped', { run: agent.run?.run, events, cells: [] });
  }

  /** One thing that an agent does of itself: gets ready, begins with a prompt, or ends its turn. */
  advance(id: string, reason = 'done', says = ''): boolean {
    const agent = this.state.agents[id];
    const run = agent?.run?.run;
    if (agent?.life !== 'running') return false;
    if (agent.run?.ready === false) this.step(agent, { type: 'agent.ready', body: { run } });
    else if (agent.turn !== null) {
      const { turn, cancelling } = agent.turn;
      const said = { run, turn, item: 'm', from: 'agent', text: says };
      const words = says === '' ? [] : [{ type: 'message.delta', body: said }];
      this.step(agent, ...words, {
        type: 'turn.ended',
        body: { run, turn, reason: cancelling ? 'cancelled' : reason },
      });
    } else if (agent.queue[0] !== undefined)
      this.step(agent, {
        type: 'turn.started',
        body: { run, turn: `t${this.events.length}`, prompt: agent.queue[0].prompt },
      });
    else return false;
    return true;
  }

  exit(id: string): void {
    const agent = this.state.agents[id];
    if (agent?.life === 'running')
      this.step(agent, {
        type: 'agent.exited',
        body: { run: agent.run?.run, code: 1, signal: null, stderr: '' },
      });
  }

  pass(ms: number): void {
    this.now += ms;
    this.tell(WORK_DUE, {});
  }

  /** Everything that can go on does, until nothing can. */
  settle(most = 10_000): void {
    for (let n = 0; n < Math.min(most, 10_000); n++) {
      const acted = this.act();
      const moved = this.alive().filter(({ agent }) => this.advance(agent)).length > 0;
      if (!acted && !moved) return;
    }
    throw new Error('It does not come to an end.');
  }

  #submit(type: string, body: unknown, by: unknown, asked: boolean): Decision {
    const ctx: DecideContext = {
      ...{
        now: this.now,
        by,
        target: `session/${this.state.id}`,
        id: this.state.id,
        offset: this.events.length,
      },
      ...(asked ? { command: { client: 'c', seq: 1 } } : {}),
    };
    const decision = sessionActor.decide(this.state, { type, body }, ctx) as Decision;
    for (const event of decision.events ?? []) {
      const before = this.state;
      this.events.push(event);
      this.state = reduceSession(before, { by, ...event, at: this.now }, this.events.length);
      this.watch(this.state, event, before);
    }
    this.effects.push(...(decision.effects ?? []));
    this.told.push(...(decision.tell ?? []));
    return decision;
  }
}
