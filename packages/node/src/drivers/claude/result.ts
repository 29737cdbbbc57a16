/** The end of Claude's turn: what its `result` means, and when it is believed. */
import type { TurnEnd } from '@skein/protocol/agents/events';
import { wordOf } from '../bounds.ts';
import type { Draft } from '../draft.ts';
import type { ClaudeState } from './state.ts';
import type { Result } from './wire.ts';

type D = Draft<ClaudeState>;

export function onResult(d: D, result: Result, line: string): void {
  if (d.s.life === 'starting') {
    // It cannot go on with the session that it was to resume, or cannot begin at all.
    const why = endOf(result, false).message ?? result.subtype;
    d.fault('agent_start_failed', `The agent has ended before it began: ${why}`);
    return d.giveUp('deaf');
  }
  if (d.s.turn === null) return d.note('result', line);
  tellUsage(d, result);
  const { reason, message } = endOf(result, d.s.turn.cancelling);
  const stop = result.terminal_reason ?? result.stop_reason ?? result.subtype;
  const told = { stop, ...(message === undefined ? {} : { message: message.slice(0, 4096) }) };
  const interrupting = d.s.waiting.some((request) => request.what === 'interrupt');
  // Our interrupt crossed the end of the turn: until it is answered, it could hit the next one (A4).
  if (reason !== 'cancelled' && interrupting) d.s.ending = { reason, ...told };
  else d.endTurn(reason, told.stop, told.message);
}

/** Our interrupt was answered. If the turn had ended by itself meanwhile, that is told now. */
export function settle(d: D): void {
  const ending = d.s.ending;
  d.s.ending = null;
  if (ending !== null) d.endTurn(ending.reason, ending.stop, ending.message);
}

function endOf(
  result: Result,
  cancelling: boolean,
): { reason: Exclude<TurnEnd, 'lost'>; message?: string | undefined } {
  const aborted = result.terminal_reason?.startsWith('aborted') ?? false;
  if (aborted || (cancelling && result.subtype === 'error_during_execution')) return { reason: 'cancelled' };
  const message = result.result || result.errors?.map(wordOf).join('; ') || undefined;
  if (result.stop_reason === 'refusal') return { reason: 'refused', message };
  if (result.subtype === 'success' && !result.is_error) return { reason: 'done' };
  return { reason: 'failed', message };
}

function tellUsage(d: D, { usage, total_cost_usd: total }: Result): void {
  const tokens = {
    ...(usage?.input_tokens == null ? {} : { input: usage.input_tokens }),
    ...(usage?.output_tokens == null ? {} : { output: usage.output_tokens }),
    ...(usage?.cache_read_input_tokens == null ? {} : { cacheRead: usage.cache_read_input_tokens }),
    ...(usage?.cache_creation_input_tokens == null ? {} : { cacheWrite: usage.cache_creation_input_tokens }),
  };
  const spent = total == null ? undefined : Math.max(0, total - d.s.cost);
  if (total != null) d.s.cost = total;
  d.emit('usage.set', {
    turn: d.turn,
    tokens,
    ...(spent === undefined ? {} : { cost: { amount: spent, currency: 'USD' } }),
  });
}
