/**
 * One transaction in the making (rule A2): the steps of a driver over everything that has come for it, the answers that a
 * policy gives at once, and what of all this is to be kept. Pure.
 */
import type { AgentEvent, AgentEvents } from '@skein/protocol/agents/events';
import type { PromptPart } from '@skein/protocol/agents/life-events';
import type { AgentState } from '@skein/protocol/agents/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Driver, Input, Write } from '../drivers/driver.ts';
import { acceptsPrompt } from '../drivers/driver.ts';
import type { Cell, NewEvent } from '../kernel/types.ts';
import { optionFor } from './decide-approvals.ts';
import type { PolicyAnswer } from './decide-steps.ts';
import { type Kept, stateCell, stateKey, writeCell, writeKey } from './driver-cells.ts';
import type { Guard, Passed } from './guard/guard.ts';
import { mergeDeltas } from './merge-deltas.ts';
import type { TellPlaces } from './policy/located.ts';

/** What answers a question before any person does: undefined when people are to be asked. */
export type Judge = (
  asked: AgentEvents['approval.asked'],
) => { answer: 'allow' | 'deny'; rule: string; reason?: string } | undefined;

/** What stands before the writes of an agent in a workspace (guard/guard.ts). */
export type Guarding = Pick<Guard, 'refuse' | 'binds' | 'lets' | 'pass'>;

export class Composing {
  readonly #driver: Driver;
  readonly #judge: Judge;
  readonly #guard: Guarding | undefined;
  readonly #places: TellPlaces | undefined;
  readonly #agent: string;
  kept: Kept;
  readonly writes: Write[] = [];
  readonly #events: (AgentEvent | PolicyAnswer | NewEvent)[] = [];
  prompt: { prompt: string; offset: number } | undefined;
  /** Nothing more can be done with it, whatever it prints. */
  deaf: boolean;

  /** `places`: where the files that a question names are, where the machine that commands the agent is to know that. */
  constructor(
    driver: Driver,
    kept: Kept,
    agent: string,
    judge: Judge,
    guard?: Guarding,
    places?: TellPlaces,
  ) {
    this.#driver = driver;
    this.kept = kept;
    this.deaf = kept.state.life === 'deaf';
    this.#agent = agent;
    this.#judge = judge;
    this.#guard = guard;
    this.#places = places;
  }

  get events(): NewEvent[] {
    return mergeDeltas(this.#events);
  }

  /** Whether there is anything that must be durable before the world goes on. */
  get matters(): boolean {
    return this.#events.length > 0 || this.writes.length > 0;
  }

  get exited(): boolean {
    return this.#events.some(({ type }) => type === 'agent.exited');
  }

  start(stepped: ReturnType<Driver['start']>): void {
    this.#take(stepped);
  }

  step(input: Input): void {
    this.#take(this.#driver.step(this.kept.state, input));
  }

  /** What the session wants of the agent and it has not been told yet, but for the next prompt. */
  heed(agent: AgentState, state: SessionState): void {
    for (const { approval } of this.kept.state.approvals) {
      const asked = Object.hasOwn(state.approvals, approval) ? state.approvals[approval] : undefined;
      if (asked === undefined || asked.answered === null) continue;
      const passed = this.#guard === undefined ? asked.answered : this.#guard.pass(asked, state);
      if (passed !== undefined) this.#pass(approval, passed);
    }
    const { turn } = this.kept.state;
    if (agent.turn?.cancelling === true && turn?.turn === agent.turn.turn && !turn.cancelling)
      this.step({ type: 'cancel' });
    if (agent.chosen.n > this.kept.choices && this.kept.state.life === 'ready') {
      const { mode, model, n } = agent.chosen;
      if (mode !== undefined && mode !== agent.mode) this.step({ type: 'mode', mode });
      if (model !== undefined && model !== agent.model) this.step({ type: 'model', model });
      this.kept = { ...this.kept, choices: n };
    }
  }

  #pass(approval: string, { option, reason, told = [] }: Partial<Passed>): void {
    this.tell(...told);
    if (option === undefined) this.step({ type: 'cancel' });
    else this.step({ type: 'answer', approval, option, ...(reason === undefined ? {} : { reason }) });
  }

  /** Events that no driver tells. */
  tell(...events: NewEvent[]): void {
    this.#events.push(...events);
  }

  /** Whether the first of the queue can be given to the agent now. */
  wantsPrompt(agent: AgentState): boolean {
    return agent.queue.length > 0 && !agent.stopping && acceptsPrompt(this.kept.state);
  }

  give(prompt: string, offset: number, parts: readonly PromptPart[]): void {
    const before = this.#events.length;
    this.step({ type: 'prompt', prompt, parts: [...parts] });
    this.prompt = { prompt, offset };
    // What no driver takes must not stand at the head of the queue for ever.
    const refused = this.#events.slice(before).some(({ type }) => type === 'agent.refused');
    if (refused) this.#events.push({ type: 'prompt.cancelled', body: { agent: this.#agent, prompt } });
  }

  /** What is to be kept after this: with `over` nothing, the writes at `unsent` included. */
  cells(over: boolean, unsent: readonly number[]): Cell[] {
    const { run } = this.kept.state;
    const gone = unsent.map((offset): Cell => ({ key: writeKey(run, offset), value: null }));
    if (over) return [{ key: stateKey(run), value: null }, ...gone];
    return [stateCell(run, this.kept), ...this.writes.map((write) => writeCell(run, write)), ...gone];
  }

  #take({ state, events, writes }: ReturnType<Driver['step']>): void {
    this.kept = { ...this.kept, state };
    this.deaf ||= state.life === 'deaf';
    this.writes.push(...writes);
    for (const event of events) {
      if (event.type !== 'approval.asked') {
        this.#events.push(event);
        continue;
      }
      const places = this.#places?.(event.body.paths);
      const body = places === undefined ? event.body : { ...event.body, places };
      this.#events.push({ ...event, body });
      this.#answer(body);
    }
  }

  /** Answers in the same transaction as the question, where a policy does. */
  #answer(asked: AgentEvents['approval.asked']): void {
    const refused = this.#guard?.refuse(asked);
    const judged =
      refused === undefined ? this.#judged(asked) : { ...refused, answer: 'deny' as const, rule: 'claim' };
    if (judged === undefined) return;
    const option = optionFor(asked.options, judged.answer);
    if (option === undefined) return;
    const { run, approval } = asked;
    const outcome = judged.answer === 'allow' ? 'allowed' : 'denied';
    const reason = judged.reason === undefined ? {} : { reason: judged.reason };
    const body = {
      agent: this.#agent,
      run,
      approval,
      outcome,
      option: option.id,
      rule: judged.rule,
    } as const;
    if (refused !== undefined) this.tell(refused.told);
    this.#events.push({ type: 'approval.answered', body: { ...body, ...reason } });
    // A yes is passed on when the gate has let the call through, which takes longer than this.
    if (judged.answer === 'allow' && this.#guard?.binds(asked)) return;
    this.step({ type: 'answer', approval, option: option.id, ...reason });
  }

  /** What answers before people do: policies, rules, and the mode that the agent was put into. */
  #judged(asked: AgentEvents['approval.asked']): ReturnType<Judge> {
    const judged = this.#judge(asked);
    if (judged !== undefined || this.#guard?.lets(asked) !== true) return judged;
    return { answer: 'allow', rule: 'mode' };
  }
}
