/**
 * What Claude says: streamed pieces, then each block again as a whole. A whole that was streamed closes its item; one that
 * was not is told at once, as with subordinate agents and the agent's own errors.
 */
import type { z } from 'zod';
import { payload } from '../bounds.ts';
import { finishCall, tellCall } from '../calls.ts';
import { type Draft, isSaid } from '../draft.ts';
import { type ClaudeState, MAX_SAID } from './state.ts';
import { newsOf, outputOf, planOf } from './tools.ts';
import * as wire from './wire.ts';

type D = Draft<ClaudeState>;

/** A turn that the agent begins by itself, for example when something in its background has ended. */
export function inTurn(d: D): void {
  if (d.s.turn === null) d.startTurn(null);
}

export function onStream(
  d: D,
  { event, parent_tool_use_id: parent }: z.infer<typeof wire.streamEvent>,
): void {
  // Subordinate agents are told by whole messages: two streams at once could not be kept apart.
  if (parent) return;
  switch (event.type) {
    case 'message_start':
      return inTurn(d);
    case 'content_block_start':
      inTurn(d);
      setAside(d);
      return onBlockStart(d, event.content_block);
    case 'content_block_delta': {
      inTurn(d);
      const { type, text, thinking } = event.delta ?? {};
      if (type === 'text_delta' && typeof text === 'string') d.say('message', text);
      if (type === 'thinking_delta' && typeof thinking === 'string') d.say('thought', thinking);
      return;
    }
    case 'message_stop':
      return setAside(d);
  }
}

function onBlockStart(d: D, block: unknown): void {
  const tool = wire.toolUseBlock.safeParse(block);
  // Its input comes later; what is known of it now is only its name.
  if (tool.success)
    tellCall(d, tool.data.id, { name: tool.data.name, kind: newsOf(tool.data.name, {}).kind ?? 'other' });
}

/** Ends the open item; the message that repeats it may still come. */
function setAside(d: D): void {
  if (d.s.open === null) return;
  const { kind, length, hash } = d.s.open;
  d.s.said = [...d.s.said, { kind, length, hash }].slice(-MAX_SAID);
  d.closeItem();
}

export function onAssistant(d: D, value: z.infer<typeof wire.assistant>, line: string): void {
  const parent = value.parent_tool_use_id ?? undefined;
  // An agent in the background goes on while its chief does nothing, and could be prompted.
  if (parent === undefined) inTurn(d);
  for (const block of value.message.content) {
    const text = wire.textBlock.safeParse(block);
    const thinking = wire.thinkingBlock.safeParse(block);
    const tool = wire.toolUseBlock.safeParse(block);
    if (text.success) onWhole(d, 'message', text.data.text, parent);
    else if (thinking.success) onWhole(d, 'thought', thinking.data.thinking, parent);
    else if (tool.success) onTool(d, tool.data, parent);
    else d.note(`assistant:${block.type}`, line);
  }
}

function onWhole(d: D, kind: 'message' | 'thought', whole: string, parent: string | undefined): void {
  if (whole === '') return;
  if (parent === undefined) {
    if (d.s.open?.kind === kind) return d.closeItem(whole);
    const before = d.s.said.findIndex((one) => one.kind === kind && isSaid(one, whole));
    if (before >= 0) {
      d.s.said = d.s.said.toSpliced(before, 1);
      return;
    }
  }
  d.say(kind, whole, parent === undefined ? { key: 'whole' } : { key: 'whole', parent });
  d.closeItem();
}

function onTool(d: D, tool: z.infer<typeof wire.toolUseBlock>, parent: string | undefined): void {
  tellCall(d, tool.id, { ...newsOf(tool.name, tool.input), ...(parent === undefined ? {} : { parent }) });
  const entries = planOf(tool.name, tool.input);
  if (entries !== undefined && parent === undefined) d.emit('plan.set', { turn: d.turn, entries });
}

export function onUser(d: D, value: z.infer<typeof wire.user>, line: string): void {
  // What we wrote ourselves, told again.
  if (value.isReplay) return;
  const { content } = value.message;
  if (typeof content === 'string') return d.note('user', line);
  for (const block of content) {
    const result = wire.toolResultBlock.safeParse(block);
    if (!result.success) {
      // What it tells its model about our interrupt; the result of the turn says it to us.
      if (block.type === 'text' && d.s.turn?.cancelling) continue;
      d.note(`user:${block.type}`, line);
      continue;
    }
    const parent = value.parent_tool_use_id ?? undefined;
    finishCall(d, result.data.tool_use_id, result.data.is_error ? 'failed' : 'done', {
      output: payload(outputOf(result.data.content)),
      ...(parent === undefined ? {} : { parent }),
    });
  }
}
