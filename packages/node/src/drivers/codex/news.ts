/** What Codex tells without being asked: turns, items, plans, usage, errors. */
import type { z } from 'zod';
import { title } from '../bounds.ts';
import { tellCall, withdrawApproval } from '../calls.ts';
import type { Draft } from '../draft.ts';
import { endOf } from './history.ts';
import { changeNews, onDelta, onItem } from './items.ts';
import type { CodexState } from './state.ts';
import * as wire from './wire.ts';

type D = Draft<CodexState>;
type Reader = (d: D, params: unknown, line: string) => boolean;

function reader<T extends z.ZodType>(
  shape: T,
  read: (d: D, value: z.infer<T>, line: string) => boolean | undefined,
): Reader {
  return (d, params, line) => {
    const parsed = shape.safeParse(params);
    return parsed.success && (read(d, parsed.data, line) ?? true);
  };
}

const pass: Reader = () => true;
const thought = (part: 'summaryIndex' | 'contentIndex') =>
  reader(wire.delta, (d, value) => {
    onDelta(d, 'thought', value.itemId, value.delta, ` ${part}${value[part] ?? 0}`);
    return undefined;
  });

/** By method. What is not here becomes a note. False: it is malformed. */
export const news: Record<string, Reader> = {
  'turn/started': reader(wire.turnNews, (d, { turn }) => {
    if (d.s.turn === null) {
      d.startTurn(null);
      freshTurn(d);
    }
    knowTurn(d, turn.id);
    return undefined;
  }),
  'turn/completed': reader(wire.turnNews, (d, { turn }, line) => {
    const ours = d.s.running === null || d.s.running === turn.id;
    if (d.s.turn === null || !ours) d.note('turn/completed', line);
    else d.endTurn(endOf(turn.status), turn.status ?? undefined, turn.error?.message);
    return undefined;
  }),
  'item/started': reader(wire.itemNews, (d, { item }, line) => onItem(d, 'started', item, line)),
  'item/completed': reader(wire.itemNews, (d, { item }, line) => onItem(d, 'completed', item, line)),
  'item/agentMessage/delta': reader(wire.delta, (d, { itemId, delta }) => {
    onDelta(d, 'message', itemId, delta);
    return undefined;
  }),
  'item/reasoning/summaryTextDelta': thought('summaryIndex'),
  'item/reasoning/textDelta': thought('contentIndex'),
  'item/fileChange/patchUpdated': reader(wire.patch, (d, { itemId, changes }) => {
    tellCall(d, itemId, changeNews(changes));
    return undefined;
  }),
  'turn/plan/updated': reader(wire.plan, (d, { plan }) => {
    const states: Record<string, 'doing' | 'done'> = { inProgress: 'doing', completed: 'done' };
    d.emit('plan.set', {
      turn: d.turn,
      entries: plan.slice(0, 512).map(({ step, status }) => ({
        text: title(step),
        state: Object.hasOwn(states, status) ? (states[status] ?? 'pending') : 'pending',
      })),
    });
    return undefined;
  }),
  'thread/tokenUsage/updated': reader(wire.tokenUsage, (d, value) => {
    tellUsage(d, value);
    return undefined;
  }),
  error: reader(wire.failure, (d, { error }, line) => {
    d.fault('agent_request_failed', error.message, line);
    return undefined;
  }),
  'serverRequest/resolved': reader(wire.resolved, (d, { requestId }) => {
    withdrawApproval(d, requestId);
    return undefined;
  }),
  // What these tell comes again, whole, with the item or the turn.
  'item/commandExecution/outputDelta': pass,
  'item/fileChange/outputDelta': pass,
  'item/reasoning/summaryPartAdded': pass,
  'turn/diff/updated': pass,
  'thread/started': pass,
  'thread/status/changed': pass,
  // Of the account, not of the run.
  'account/rateLimits/updated': pass,
};

/** What is kept of one turn begins anew. */
export function freshTurn(d: D): void {
  d.s.running = null;
  d.s.interrupted = false;
  d.s.told = [];
  d.s.usedBefore = d.s.used;
}

/** Codex's own id of the turn is known: a cancel that waited for it can be sent, by whoever looks at the state next. */
export function knowTurn(d: D, id: string): void {
  if (d.s.turn !== null && d.s.running === null && id.length <= 256) d.s.running = id;
}

function tellUsage(d: D, { tokenUsage }: z.infer<typeof wire.tokenUsage>): void {
  const { total, last, modelContextWindow: size } = tokenUsage;
  d.s.used = {
    input: total.inputTokens,
    output: total.outputTokens,
    cacheRead: total.cachedInputTokens,
    thought: total.reasoningOutputTokens,
  };
  const since = (key: 'input' | 'output' | 'cacheRead' | 'thought') =>
    Math.max(0, d.s.used[key] - d.s.usedBefore[key]);
  d.emit('usage.set', {
    turn: d.turn,
    tokens: {
      input: since('input'),
      output: since('output'),
      cacheRead: since('cacheRead'),
      thought: since('thought'),
    },
    ...(size ? { context: { used: last.totalTokens, size } } : {}),
  });
}
