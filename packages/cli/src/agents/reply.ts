/** The reply to one prompt, as its events come: what to print, what to tell beside it, how it ended. Pure. */
import type { AgentEvents } from '@skein/protocol/agents/events';
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import { type Agents, isAlive } from '@skein/protocol/agents/state';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { askedText, shortId } from './approval-text.ts';
import { whoText } from './who-text.ts';

type Bodies = AgentEvents & AgentLifeEvents;

/** `text` goes to whoever reads the reply, `note` beside it; `end` is the last. */
export type Told = { kind: 'text'; text: string } | { kind: 'note'; note: string };
/** `status`: 0 done, 1 failed, 130 cancelled. */
export type End = { kind: 'end'; end: string; status: number; why?: string };
export type Heard = Told | End;

export const CANCELLED = 130;

interface About {
  agent: string;
  /** What the agent is called. */
  name: string;
  prompt: string;
  /** The node to be named before an approval's id, if it is another. */
  node: string | undefined;
}

export class Reply {
  readonly #about: About;
  #turn: { run: string; turn: string } | undefined;
  #item: string | undefined;
  /** Of the present message, as far as it can be compared with what its end says. */
  #said = '';
  #anything = '';
  /** Messages that are not to the reader. */
  readonly #aside = new Set<string>();
  readonly #asked = new Set<string>();
  /** A question that a policy may answer at once. */
  #asking: { id: string; note: string } | undefined;

  constructor(about: About) {
    this.#about = about;
  }

  /** Whether the prompt has been begun with. */
  get turn(): string | undefined {
    return this.#turn?.turn;
  }

  /** Whether the event is of this prompt, its turn, or of what the turn asked. */
  concerns({ type, body }: StoredEvent): boolean {
    if (typeof body !== 'object' || body === null) return false;
    const { prompt, turn, run, approval, agent } = body as Record<string, unknown>;
    if (prompt === this.#about.prompt) return true;
    if (typeof approval === 'string') return this.#asked.has(approval);
    if (this.#turn !== undefined && run === this.#turn.run)
      return turn === this.#turn.turn || turn === undefined;
    return type.startsWith('agent.') && agent === this.#about.agent;
  }

  /** What the next event says; `state` is what the agents are after it. */
  push(event: StoredEvent, state: Agents): Heard[] {
    const heard = this.#heard(event, state);
    if (event.type === 'approval.asked') return heard;
    // Whatever comes next but an answer by a rule: people are asked.
    return this.#asking === undefined ? heard : [...this.flush(), ...heard];
  }

  /** A question that nobody has answered by now is told. */
  flush(): Told[] {
    const asking = this.#asking;
    this.#asking = undefined;
    return asking === undefined ? [] : [{ kind: 'note', note: asking.note }];
  }

  #heard(event: StoredEvent, state: Agents): Heard[] {
    const is = <K extends keyof Bodies>(type: K): Bodies[K] | undefined =>
      event.type === type ? (event.body as Bodies[K]) : undefined;
    const { prompt, agent, name } = this.#about;
    const begun = is('turn.started');
    if (begun?.prompt === prompt && begun.replayed !== true)
      this.#turn = { run: begun.run, turn: begun.turn };
    if (is('prompt.cancelled')?.prompt === prompt)
      return [this.#end('cancelled', `The prompt was taken back by ${whoText(event.by)}.`)];
    const piece = is('message.delta');
    if (piece !== undefined) return this.#piece(piece);
    const whole = is('message.ended');
    if (whole !== undefined) return this.#whole(whole);
    const asked = is('approval.asked');
    if (asked !== undefined) return this.#ask(asked);
    const answered = is('approval.answered');
    if (answered !== undefined) return this.#answered(answered, event.by);
    const ended = is('turn.ended');
    if (ended !== undefined && this.#isMine(ended)) return [this.#end(ended.reason, ended.message)];
    const fault = is('agent.fault');
    if (fault !== undefined && this.#isMine(fault))
      return [{ kind: 'note', note: `${name}: ${fault.message}` }];
    const refused = is('agent.refused');
    if (refused?.input === 'prompt' && refused.id === prompt) return [this.#end('refused', refused.message)];
    return this.#gone(state, agent);
  }

  /** An agent that ends while the prompt waits may be started again; one that is not will never take it. */
  #gone({ agents }: Agents, id: string): Heard[] {
    const agent = Object.hasOwn(agents, id) ? agents[id] : undefined;
    if (agent === undefined) return [this.#end('lost', 'The agent was removed.')];
    if (this.#turn !== undefined && agent.run?.run !== this.#turn.run)
      return [this.#end('lost', 'The agent was started again in the middle of it.')];
    if (this.#turn !== undefined && agent.turn?.turn !== this.#turn.turn)
      return [this.#end('lost', agent.why ?? 'The agent ended in the middle of it.')];
    if (isAlive(agent) || agent.next !== null) return [];
    const waits = this.#turn === undefined ? ' The prompt waits for it to be started again.' : '';
    return [this.#end('lost', `${agent.why ?? `The agent is ${agent.life}.`}${waits}`)];
  }

  #piece({ run, turn, item, from, parent, text }: AgentEvents['message.delta']): Heard[] {
    // What subordinate agents say is told to the agent, not to whoever asked it.
    if (from !== 'agent' || parent !== undefined) this.#aside.add(item);
    if (this.#aside.has(item) || !this.#isMine({ run, turn })) return [];
    return this.#say(item, text);
  }

  #whole({ run, turn, item, text }: AgentEvents['message.ended']): Heard[] {
    if (text === undefined || this.#aside.has(item) || !this.#isMine({ run, turn })) return [];
    if (item !== this.#item) return this.#say(item, text);
    if (text === this.#said) return [];
    if (text.startsWith(this.#said)) return this.#say(item, text.slice(this.#said.length));
    this.#item = undefined;
    return this.#say(item, text);
  }

  #say(item: string, text: string): Heard[] {
    if (text === '') return [];
    const parted =
      this.#item === item || this.#anything === '' ? '' : this.#anything.endsWith('\n') ? '\n' : '\n\n';
    if (this.#item !== item) this.#said = '';
    this.#item = item;
    this.#said += text;
    this.#anything = text.slice(-1);
    return [{ kind: 'text', text: parted + text }];
  }

  #ask(asked: AgentEvents['approval.asked']): Heard[] {
    if (!this.#isMine(asked)) return [];
    this.#asked.add(asked.approval);
    const before = this.flush();
    const id = shortId(asked.approval, this.#about.node);
    this.#asking = { id: asked.approval, note: askedText(this.#about.name, asked, id) };
    return before;
  }

  #answered({ approval, outcome, rule, reason }: AgentLifeEvents['approval.answered'], by: unknown): Heard[] {
    if (!this.#asked.has(approval)) return [];
    if (rule !== undefined && this.#asking?.id === approval) {
      this.#asking = undefined;
      return [];
    }
    const why = reason === undefined ? '' : `: ${reason}`;
    return [{ kind: 'note', note: `${outcome} by ${rule ?? whoText(by)}${why}` }];
  }

  #isMine({ run, turn }: { run: string; turn: string | null }): boolean {
    return this.#turn !== undefined && run === this.#turn.run && turn === this.#turn.turn;
  }

  #end(end: string, why: string | undefined): End {
    const status = end === 'done' ? 0 : end === 'cancelled' ? CANCELLED : 1;
    return why === undefined ? { kind: 'end', end, status } : { kind: 'end', end, status, why };
  }
}
