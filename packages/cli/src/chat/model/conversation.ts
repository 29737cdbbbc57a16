/**
 * The conversation with one agent, folded from its events (rules L5, L7, A1). It is changed in place, so that a hundred
 * thousand events are read at once; the same events always give the same blocks. Texts are kept up to a bound.
 */
import type { AgentEvents } from '@skein/protocol/agents/events';
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import { SHOWN } from '@skein/protocol/agents/transcript-items';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import type {
  Asked,
  Block,
  EndBlock,
  PlanBlock,
  PromptBlock,
  RemarkBlock,
  TextBlock,
  ToolBlock,
  Usage,
} from './blocks.ts';
import { grow, keptDiff, keptPayload, shortened, textOfParts } from './kept.ts';
import { type All, LIVES, lifeRemark } from './life-remarks.ts';

type Handlers = { [K in keyof All]?: (body: All[K], event: StoredEvent) => void };
type Remark = Pick<RemarkBlock, 'tone' | 'text'> & { detail?: string | undefined };
type Waiting = Pick<PromptBlock, 'text' | 'hidden' | 'attachments' | 'who' | 'mine'>;
type Piece = AgentEvents['thought.delta'] & { from?: 'agent' | 'user' };

/** Who the reader calls whom; `mine` where it is the reader. */
export interface Naming {
  nameOf(by: unknown): string | undefined;
  isMine(by: unknown): boolean;
}

export class Conversation {
  readonly blocks: Block[] = [];
  /** Grows whenever a block does. */
  version = 0;
  /** The turn that runs: since when, and what it has used. */
  turn: { turn: string; startedAt: number; usage: Usage | undefined } | undefined;
  /** What the agent plans in this turn. */
  plan: PlanBlock['entries'] = [];
  readonly #byKey = new Map<string, Block>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #usage = new Map<string, Usage>();
  readonly #calls = new Map<string, ToolBlock>();
  readonly #naming: Naming;
  #cwd = '';

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  apply(event: StoredEvent): void {
    const handlers: Handlers = this.#handlers;
    if (!Object.hasOwn(handlers, event.type)) return;
    const handler = handlers[event.type as keyof All] as (body: unknown, event: StoredEvent) => void;
    handler(event.body, event);
  }

  /** The blocks whose calls wait for an answer need it by its id. */
  askedOf(approval: string): ToolBlock | undefined {
    return this.#calls.get(approval);
  }

  /** The text of a prompt that waits, as far as it is kept. */
  waitingText(prompt: string): string | undefined {
    return this.#waiting.get(prompt)?.text;
  }

  readonly #handlers: Handlers = {
    'agent.added': ({ cwd }) => {
      this.#cwd = cwd;
    },
    'prompt.queued': (body, event) => this.#queued(body, event),
    'prompt.edited': (body, event) => this.#queued(body, event),
    'prompt.cancelled': ({ prompt }) => void this.#waiting.delete(prompt),
    'turn.started': ({ run, turn, prompt, replayed }, { at }) => {
      this.plan = [];
      if (replayed !== true) this.turn = { turn, startedAt: at, usage: undefined };
      this.#touch();
      const waiting = prompt === null ? undefined : this.#waiting.get(prompt);
      if (waiting === undefined || prompt === null) return;
      this.#waiting.delete(prompt);
      this.#add<PromptBlock>({
        kind: 'prompt',
        key: `${run}/prompt/${prompt}`,
        at,
        inner: false,
        ...waiting,
      });
    },
    'turn.ended': (body, { at }) => this.#turnEnded(body, at),
    'message.delta': (body, { at }) => this.#text('message', body, at),
    'message.ended': (body, { at }) => this.#textEnded('message', body, at),
    'thought.delta': (body, { at }) => this.#text('thought', body, at),
    'thought.ended': (body, { at }) => this.#textEnded('thought', body, at),
    'tool.announced': (body, { at }) => void this.#tool(body, at),
    'tool.updated': (body, { at }) => void this.#tool(body, at),
    'tool.finished': (body, { at }) => {
      const tool = this.#tool(body, at);
      tool.state = body.end;
      tool.endedAt = at;
    },
    'plan.set': ({ run, turn, entries }, { at }) => {
      this.plan = entries;
      const key = `${run}/plan/${turn}`;
      const plan =
        this.#find<PlanBlock>(key) ?? this.#add<PlanBlock>({ kind: 'plan', key, at, inner: false, entries });
      plan.entries = entries;
      this.#touch(plan);
    },
    'usage.set': (body) => this.#used(body),
    'approval.asked': (body, { at }) => {
      const tool = this.#tool(body, at);
      tool.asked = { approval: body.approval, state: 'asked' };
      this.#calls.set(body.approval, tool);
    },
    'approval.answered': ({ approval, outcome, reason, rule }, { by }) => {
      const who = rule === undefined ? this.#naming.nameOf(by) : 'a policy';
      this.#asked(approval, {
        state: outcome,
        ...(who === undefined ? {} : { who }),
        ...(reason === undefined ? {} : { reason }),
        ...(rule === undefined ? {} : { rule }),
      });
    },
    'approval.resolved': ({ approval, outcome }) => this.#asked(approval, { state: outcome }),
    'approval.orphaned': ({ approval }) => this.#asked(approval, { state: 'orphaned' }),
    'agent.note': ({ run, what, line }, { at }) =>
      this.remark({ tone: 'note', text: what, detail: line }, at, run),
    'agent.fault': ({ run, message, text }, { at }) =>
      this.remark({ tone: 'fault', text: message, detail: text }, at, run),
    'agent.refused': ({ run, message }, { at }) => this.remark({ tone: 'fault', text: message }, at, run),
    ...this.#lives(),
  };

  #lives(): Handlers {
    const told: Handlers = {};
    for (const type of LIVES)
      told[type] = (body: { run?: string }, event: StoredEvent) => {
        if (type === 'agent.exited' || type === 'agent.failed' || type === 'agent.lost') this.#over();
        const remark = lifeRemark(type, event);
        if (remark !== undefined) this.remark(remark, event.at, body.run);
      };
    return told;
  }

  #queued({ prompt, parts }: AgentLifeEvents['prompt.queued'], { by }: StoredEvent): void {
    const text = textOfParts(parts);
    this.#waiting.set(prompt, {
      text: text.slice(0, SHOWN),
      hidden: Math.max(0, text.length - SHOWN),
      attachments: parts.flatMap((part) =>
        part.type === 'file' ? [part.path] : part.type === 'image' ? ['image'] : [],
      ),
      who: this.#naming.nameOf(by),
      mine: this.#naming.isMine(by),
    });
  }

  #turnEnded({ run, turn, reason, message }: AgentEvents['turn.ended'], at: number): void {
    const began = this.turn?.turn === turn ? this.turn.startedAt : undefined;
    const key = `${run}/${turn}`;
    const end: Omit<EndBlock, 'version'> = {
      ...{ kind: 'end' as const, key: `${run}/end/${turn}`, at, inner: false, end: reason, message },
      took: began === undefined ? undefined : at - began,
      usage: this.#usage.get(key),
    };
    this.#usage.delete(key);
    this.#over();
    if (this.#find<EndBlock>(end.key) === undefined) this.#add<EndBlock>(end);
  }

  /** Nothing runs any more. */
  #over(): void {
    this.turn = undefined;
    this.plan = [];
    for (let i = this.blocks.length - 1; i >= 0; i--) {
      const block = this.blocks[i];
      if (block === undefined || block.kind === 'end' || block.kind === 'prompt') break;
      if (block.kind !== 'tool' || block.state !== 'running') continue;
      block.state = 'abandoned';
      this.#touch(block);
    }
    this.version++;
  }

  #text(kind: 'message' | 'thought', { run, turn, item, parent, text, from }: Piece, at: number): void {
    const key = `${run}/${turn}/${kind}/${item}`;
    const inner = parent !== undefined;
    if (from === 'user') {
      const was =
        this.#find<PromptBlock>(key) ??
        this.#add<PromptBlock>({
          ...{ kind: 'prompt' as const, key, at, inner, text: '', hidden: 0, attachments: [] },
          ...{ who: undefined, mine: false },
        });
      grow(was, text);
      return this.#touch(was);
    }
    const block =
      this.#find<TextBlock>(key) ??
      this.#add<TextBlock>({ kind, key, at, inner, text: '', hidden: 0, ended: false });
    grow(block, text);
    this.#touch(block);
  }

  #textEnded(
    kind: 'message' | 'thought',
    { run, turn, item, text }: AgentEvents['message.ended'],
    at: number,
  ): void {
    const key = `${run}/${turn}/${kind}/${item}`;
    let block = this.#find<TextBlock | PromptBlock>(key);
    if (block === undefined) {
      if (!text) return;
      block = this.#add<TextBlock>({ kind, key, at, inner: false, text: '', hidden: 0, ended: true });
    }
    if (block.kind !== 'prompt') block.ended = true;
    if (text !== undefined) {
      block.text = '';
      block.hidden = 0;
      grow(block, text);
    }
    this.#touch(block);
  }

  #tool(body: AgentEvents['tool.updated'], at: number): ToolBlock {
    const key = `${body.run}/${body.turn}/tool/${body.call}`;
    const tool =
      this.#find<ToolBlock>(key) ??
      this.#add<ToolBlock>({
        ...{ kind: 'tool' as const, key, at, inner: body.parent !== undefined, name: undefined },
        ...{ tool: 'other' as const, title: body.call, paths: [], input: undefined, output: undefined },
        ...{ diffs: [], state: 'running' as const, endedAt: undefined, asked: undefined },
      });
    tool.name = body.name ?? tool.name;
    tool.tool = body.kind ?? tool.tool;
    if (body.title !== undefined) tool.title = shortened(body.title, this.#cwd);
    tool.paths = body.paths ?? tool.paths;
    if (body.input !== undefined) tool.input = keptPayload(body.input);
    if (body.output !== undefined) tool.output = keptPayload(body.output);
    if (body.diffs !== undefined) tool.diffs = body.diffs.map(keptDiff);
    this.#touch(tool);
    return tool;
  }

  #asked(approval: string, change: Partial<Asked>): void {
    const tool = this.#calls.get(approval);
    if (tool?.asked === undefined) return;
    tool.asked = { ...tool.asked, ...change };
    this.#touch(tool);
    if (change.state !== 'asked' && change.who === undefined) this.#calls.delete(approval);
  }

  #used({ run, turn, tokens, context, cost }: AgentEvents['usage.set']): void {
    const key = `${run}/${turn}`;
    const was = this.#usage.get(key);
    const usage: Usage = {
      input: (tokens?.input ?? 0) + (tokens?.cacheRead ?? 0) + (tokens?.cacheWrite ?? 0) || (was?.input ?? 0),
      output: tokens?.output ?? was?.output ?? 0,
      cost: cost ?? was?.cost,
      context: context ?? was?.context,
    };
    this.#usage.set(key, usage);
    if (this.turn?.turn === turn) this.turn.usage = usage;
    const end = this.#find<EndBlock>(`${run}/end/${turn}`);
    if (end !== undefined) {
      end.usage = usage;
      this.#usage.delete(key);
      this.#touch(end);
    }
    this.version++;
  }

  /** A line of what happens to it; `run` is where it belongs to one. */
  remark({ tone, text, detail }: Remark, at: number, run = ''): void {
    const key = `${run}/remark/${this.blocks.length}`;
    const told = { tone, text, detail: detail?.slice(0, SHOWN) };
    this.#add<RemarkBlock>({ kind: 'remark', key, at, inner: false, ...told });
  }

  #find<B extends Block>(key: string): B | undefined {
    return this.#byKey.get(key) as B | undefined;
  }

  #add<B extends Block>(block: Omit<B, 'version'>): B {
    const placed = { ...block, version: 0 } as unknown as B;
    this.blocks.push(placed);
    this.#byKey.set(placed.key, placed);
    this.version++;
    return placed;
  }

  #touch(block?: Block): void {
    if (block !== undefined) block.version++;
    this.version++;
  }
}
