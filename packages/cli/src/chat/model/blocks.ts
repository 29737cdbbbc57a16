/** What a conversation with an agent is made of, in the order in which each thing began. */
import type { Diff, Payload, ToolEnd, ToolKind, TurnEnd } from '@skein/protocol/agents/events';

interface Common {
  /** Unique in its agent's conversation. */
  key: string;
  /** When it began, milliseconds since 1970. */
  at: number;
  /** Grows with each change. */
  version: number;
  /** It is a subordinate agent's. */
  inner: boolean;
}

export interface PromptBlock extends Common {
  kind: 'prompt';
  text: string;
  /** Characters that are not kept. */
  hidden: number;
  attachments: string[];
  /** Whose it is; undefined where that is not known, as in what is replayed. */
  who: string | undefined;
  mine: boolean;
}

export interface TextBlock extends Common {
  kind: 'message' | 'thought';
  text: string;
  hidden: number;
  ended: boolean;
}

/** A question about a tool call, and its answer. */
export interface Asked {
  approval: string;
  state: 'asked' | 'allowed' | 'denied' | 'withdrawn' | 'orphaned';
  who?: string;
  reason?: string;
  rule?: string;
}

export interface ToolBlock extends Common {
  kind: 'tool';
  name: string | undefined;
  tool: ToolKind;
  title: string;
  paths: string[];
  input: Payload | undefined;
  output: Payload | undefined;
  diffs: Diff[];
  state: 'running' | ToolEnd | 'abandoned';
  endedAt: number | undefined;
  asked: Asked | undefined;
}

export interface PlanBlock extends Common {
  kind: 'plan';
  entries: { text: string; state: 'pending' | 'doing' | 'done' }[];
}

export interface Usage {
  input: number;
  output: number;
  cost: { amount: number; currency: string } | undefined;
  context: { used: number; size: number } | undefined;
}

export interface EndBlock extends Common {
  kind: 'end';
  end: TurnEnd;
  message: string | undefined;
  took: number | undefined;
  usage: Usage | undefined;
}

/** Something of the agent's life, or that went wrong. */
export interface RemarkBlock extends Common {
  kind: 'remark';
  tone: 'life' | 'note' | 'fault';
  text: string;
  detail: string | undefined;
}

export type Block = PromptBlock | TextBlock | ToolBlock | PlanBlock | EndBlock | RemarkBlock;
