/**
 * What people read of an agent, as a pure function of its events (rules L5, A1): turns, and in them messages, thoughts,
 * tool calls and what went wrong, in the order in which they began. Events of unknown types are passed over (L7).
 */
import type { AgentEvents, Choice, Diff, Payload, ToolEnd, ToolKind, TurnEnd } from './events.ts';
import { onApproval, onItem, onText, onTextEnd, onTool, onTurn, remark } from './transcript-items.ts';

export interface TextItem {
  type: 'message' | 'thought';
  id: string;
  from: 'agent' | 'user';
  parent?: string;
  text: string;
  /** Characters of the text that are not kept here; the log has them. */
  hidden: number;
  ended: boolean;
}

export interface ToolItem {
  type: 'tool';
  id: string;
  parent?: string;
  name?: string;
  kind: ToolKind;
  title: string;
  paths: string[];
  input?: Payload;
  output?: Payload;
  diffs: Diff[];
  state: 'running' | ToolEnd | 'abandoned';
}

export interface ApprovalItem {
  type: 'approval';
  id: string;
  call: string;
  title: string;
  state: 'asked' | 'allowed' | 'denied' | 'withdrawn' | 'orphaned';
}

/** Something that went wrong, or that no driver knows. */
export interface RemarkItem {
  type: 'note' | 'fault';
  id: string;
  text: string;
}

export type Item = TextItem | ToolItem | ApprovalItem | RemarkItem;

export interface Turn {
  /** Null for what came before any turn. */
  turn: string | null;
  run: string;
  prompt: string | null;
  replayed: boolean;
  startedAt: number;
  endedAt?: number;
  end?: TurnEnd;
  stop?: string;
  message?: string;
  items: Item[];
  plan?: AgentEvents['plan.set']['entries'];
  usage?: Pick<AgentEvents['usage.set'], 'tokens' | 'context' | 'cost'>;
}

export interface Transcript {
  /** The present run, and whether its agent lives. */
  run: string | null;
  live: boolean;
  session: string | null;
  resumes: boolean;
  modes: { current: string | null; list: Choice[] } | null;
  models: { current: string | null; list: Choice[] } | null;
  commands: Choice[];
  turns: Turn[];
}

/** Reducer version: raise it when the same events give another transcript. */
export const TRANSCRIPT_REDUCER = 1;

export function emptyTranscript(): Transcript {
  return {
    run: null,
    live: false,
    session: null,
    resumes: false,
    modes: null,
    models: null,
    commands: [],
    turns: [],
  };
}

/** An event of an agent as the log keeps it: `at` is in milliseconds since 1970. */
export interface AgentLogged {
  type: string;
  at: number;
  body: unknown;
}

/** The transcript after one more event. Never changes the one it is given. */
export function reduceTranscript(before: Transcript, event: AgentLogged): Transcript {
  const reduce = Object.hasOwn(reducers, event.type)
    ? (reducers[event.type as keyof AgentEvents] as Reducer)
    : undefined;
  return reduce === undefined ? before : reduce(before, event.body as never, event.at);
}

type Reducer = (before: Transcript, body: never, at: number) => Transcript;
type Reducers = {
  [K in keyof AgentEvents]: (before: Transcript, body: AgentEvents[K], at: number) => Transcript;
};

const reducers: Reducers = {
  'agent.ready': (t, { run }) => ({ ...t, run, live: true }),
  'agent.session': (t, { session, resumes }) => ({ ...t, session, resumes }),
  'agent.offers': (t, { modes, models, commands }) => ({
    ...t,
    modes: modes ?? t.modes,
    models: models ?? t.models,
    commands: commands ?? t.commands,
  }),
  'agent.note': (t, { run, turn, what }, at) => remark(t, 'note', run, turn, what, at),
  'agent.fault': (t, { run, turn, message }, at) => remark(t, 'fault', run, turn, message, at),
  'agent.refused': (t) => t,
  'agent.exited': (t) => ({ ...t, live: false }),
  'turn.started': (t, { run, turn, prompt, replayed }, at) => ({
    ...t,
    turns: [...t.turns, { turn, run, prompt, replayed: replayed ?? false, startedAt: at, items: [] }],
  }),
  'turn.ended': (t, { run, turn, reason, stop, message }, at) =>
    onTurn(t, run, turn, at, (was) => ({
      ...was,
      endedAt: at,
      end: reason,
      ...(stop === undefined ? {} : { stop }),
      ...(message === undefined ? {} : { message }),
      items: was.items.map((item) =>
        item.type === 'tool' && item.state === 'running' ? { ...item, state: 'abandoned' as const } : item,
      ),
    })),
  'message.delta': (t, body, at) => onText(t, 'message', body.from, body, at),
  'message.ended': (t, body, at) => onTextEnd(t, 'message', body, at),
  'thought.delta': (t, body, at) => onText(t, 'thought', 'agent', body, at),
  'thought.ended': (t, body, at) => onTextEnd(t, 'thought', body, at),
  'tool.announced': (t, body, at) => onTool(t, body, at, 'running'),
  'tool.updated': (t, body, at) => onTool(t, body, at),
  'tool.finished': (t, body, at) => onTool(t, body, at, body.end),
  'plan.set': (t, { run, turn, entries }, at) =>
    onTurn(t, run, turn, at, (was) => ({ ...was, plan: entries })),
  'usage.set': (t, { run, turn, tokens, context, cost }, at) =>
    onTurn(t, run, turn, at, (was) => ({
      ...was,
      usage: {
        ...was.usage,
        ...(tokens === undefined ? {} : { tokens }),
        ...(context === undefined ? {} : { context }),
        ...(cost === undefined ? {} : { cost }),
      },
    })),
  'approval.asked': (t, { run, turn, approval, call, title }, at) =>
    onItem(t, run, turn, at, 'approval', approval, () => ({
      type: 'approval',
      id: approval,
      call,
      title,
      state: 'asked',
    })),
  'approval.resolved': (t, { run, approval, outcome }) => onApproval(t, run, approval, outcome),
  'approval.orphaned': (t, { run, approval }) => onApproval(t, run, approval, 'orphaned'),
};
