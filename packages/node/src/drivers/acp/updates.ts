/** What an ACP agent tells by `session/update`: the turn's content, and news of the session. */
import type { Diff } from '@skein/protocol/agents/events';
import type { z } from 'zod';
import { payload, textDiff, title } from '../bounds.ts';
import { type CallNews, finishCall, tellCall } from '../calls.ts';
import type { Draft } from '../draft.ts';
import { choice, takeChosen, takeOptions, tellOffers } from './offers.ts';
import { ownTool } from './own-tools.ts';
import type { AcpState } from './state.ts';
import * as wire from './wire.ts';

type D = Draft<AcpState>;
type Reader = (d: D, update: unknown, line: string) => boolean;

function reader<T extends z.ZodType>(
  shape: T,
  read: (d: D, value: z.infer<T>, line: string) => void,
): Reader {
  return (d, update, line) => {
    const parsed = shape.safeParse(update);
    if (parsed.success) read(d, parsed.data, line);
    return parsed.success;
  };
}

/** By the name of the update. What is not here becomes a note. False: it is malformed. */
export const updates: Record<string, Reader> = {
  user_message_chunk: reader(wire.chunk, onUser),
  agent_message_chunk: reader(wire.chunk, (d, chunk, line) => onChunk(d, 'message', chunk, line)),
  agent_thought_chunk: reader(wire.chunk, (d, chunk, line) => onChunk(d, 'thought', chunk, line)),
  tool_call: reader(wire.toolCall, onTool),
  tool_call_update: reader(wire.toolCall, onTool),
  plan: reader(wire.plan, (d, { entries }) => {
    const states: Record<string, 'doing' | 'done'> = { in_progress: 'doing', completed: 'done' };
    d.emit('plan.set', {
      turn: d.turn,
      entries: entries.slice(0, 512).map(({ content, status }) => ({
        text: title(content),
        state: Object.hasOwn(states, status) ? (states[status] ?? 'pending') : 'pending',
      })),
    });
  }),
  available_commands_update: reader(wire.commands, (d, { availableCommands }) => {
    const commands = (availableCommands ?? []).filter((one) => one !== null).slice(0, 512);
    d.emit('agent.offers', { commands: commands.map((one) => choice(one.name, one.name, one.description)) });
  }),
  current_mode_update: reader(wire.currentMode, (d, { currentModeId }) =>
    takeChosen(d, 'mode', currentModeId),
  ),
  config_option_update: reader(wire.configOptions, (d, { configOptions }) => {
    takeOptions(d, configOptions);
    tellOffers(d);
  }),
  usage_update: reader(wire.usage, (d, { used, size, cost }) => {
    const spent = cost ? spentBy(d, cost.amount) : undefined;
    d.emit('usage.set', {
      turn: d.turn,
      context: { used, size },
      ...(cost && spent !== undefined ? { cost: { amount: spent, currency: cost.currency } } : {}),
      ...(cost ? { sessionCost: cost.amount } : {}),
    });
  }),
};

/** What the turn has cost, now that the session has cost `total`; undefined where it is not known what it had cost before. */
function spentBy(d: D, total: number): number | undefined {
  const before = d.s.costBefore;
  d.s.cost = total;
  // Some count from nothing when they go on with a session: what costs less than it did is another count.
  d.s.costBefore = before === null ? total : total < before ? 0 : before;
  return before === null ? undefined : Math.max(0, total - d.s.costBefore);
}

/** What people said: of the past, where a turn begins with it; else it is our own prompt, told back. */
function onUser(d: D, chunk: z.infer<typeof wire.chunk>, line: string): void {
  if (!d.s.replaying) return;
  const open = d.s.open;
  if (d.s.turn === null || open === null || !open.key.startsWith('user')) {
    d.endTurn('done');
    d.startTurn(null, true);
  }
  sayChunk(d, 'message', chunk, 'user', line);
}

function onChunk(d: D, kind: 'message' | 'thought', chunk: z.infer<typeof wire.chunk>, line: string): void {
  if (d.s.replaying && d.s.turn === null) d.startTurn(null, true);
  sayChunk(d, kind, chunk, 'agent', line);
}

function sayChunk(
  d: D,
  kind: 'message' | 'thought',
  { content, messageId }: z.infer<typeof wire.chunk>,
  from: 'agent' | 'user',
  line: string,
): void {
  if (content.type !== 'text') return d.note(`${kind}:${content.type}`, line);
  d.say(kind, content.text ?? '', { from, ...(messageId ? { key: messageId } : {}) });
}

function onTool(d: D, call: wire.ToolCall): void {
  if (d.s.replaying && d.s.turn === null) d.startTurn(null, true);
  const news = { ...ownTool(d.s, call.toolCallId), ...newsOf(call) };
  if (call.status === 'completed') finishCall(d, call.toolCallId, 'done', news);
  else if (call.status === 'failed') finishCall(d, call.toolCallId, 'failed', news);
  else tellCall(d, call.toolCallId, news);
}

/** What an update says of a call; what it leaves out stays as it was. */
export function newsOf(call: wire.ToolCall): CallNews {
  const content = (call.content ?? []).filter((one) => one !== null);
  const diffs: Diff[] = [];
  const texts: string[] = [];
  for (const one of content.slice(0, 64)) {
    if (one.type === 'diff') diffs.push(textDiff(one.path, one.oldText ?? null, one.newText));
    else if (typeof one.content.text === 'string') texts.push(one.content.text);
  }
  const paths = [
    ...(call.locations ?? []).flatMap((one) => one?.path ?? []),
    ...diffs.map((diff) => diff.path),
  ];
  const output = texts.length > 0 ? texts.join('\n') : call.rawOutput;
  return {
    ...(call.name ? { name: call.name } : {}),
    ...(call.kind ? { kind: call.kind } : {}),
    ...(call.title ? { title: call.title } : {}),
    ...(paths.length > 0 ? { paths } : {}),
    ...(isNothing(call.rawInput) ? {} : { input: payload(call.rawInput) }),
    ...(isNothing(output) ? {} : { output: payload(output) }),
    ...(diffs.length > 0 ? { diffs } : {}),
  };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || JSON.stringify(value) === '{}';
}
