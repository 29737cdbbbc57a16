/** What the driver for Claude Code keeps besides what all keep. */
import { MAX_AGENT_ID } from '@skein/protocol/agents/limits';
import type { StartSpec } from '../driver.ts';
import { type BaseState, baseState } from '../state.ts';

/** A text that was streamed whole and of which the `assistant` message that repeats it has not come yet. */
export interface Said {
  kind: 'message' | 'thought';
  length: number;
  hash: number;
}
/** At most so many: each is repeated right after its block, so that one is the rule. */
export const MAX_SAID = 16;

export interface ClaudeState extends BaseState {
  said: Said[];
  /** Of the process so far, in dollars: results tell the sum. */
  cost: number;
  mode: string | null;
  model: string | null;
  models: { id: string; name: string; description?: string }[];
  /** A result that came before the answer to our interrupt; the turn ends with that answer (A4). */
  ending: { reason: 'done' | 'refused' | 'failed'; stop?: string; message?: string } | null;
}

export const CLAUDE_VERSION = 1;

export function initial(spec: StartSpec): ClaudeState {
  return {
    ...baseState('claude', CLAUDE_VERSION, spec),
    said: [],
    cost: 0,
    mode: spec.mode?.slice(0, MAX_AGENT_ID) ?? 'default',
    model: spec.model?.slice(0, MAX_AGENT_ID) ?? null,
    models: [],
    ending: null,
  };
}
