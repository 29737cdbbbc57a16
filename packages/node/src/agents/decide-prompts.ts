/** A session's decisions about prompts: queued, edited, cancelled until they start, their turns cancelled (rule A4). Pure. */
import type { AgentCommands, PromptPartGiven } from '@skein/protocol/agents/commands';
import type { PromptPart } from '@skein/protocol/agents/life-events';
import { MAX_PROMPT, MAX_QUEUE } from '@skein/protocol/agents/limits';
import { previewOf } from '@skein/protocol/agents/prompt-summary';
import { type AgentState, isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Decision } from '../kernel/types.ts';
import { agentIn, notRunning } from './find.ts';

/** What the node adds to a prompt: the bytes that were handed over before, by handle; text, or base64 for an image. */
export interface PromptFacts {
  uploads: Record<string, string>;
}

export function queuePrompt(
  state: SessionState,
  { agent: id, prompt, parts: given }: AgentCommands['prompt.queue'],
  facts: unknown,
): Decision {
  const agent = agentIn(state, id);
  if (!isAlive(agent)) throw notRunning(state, agent);
  if (agent.queue.length >= MAX_QUEUE)
    throw new SkeinError('mailbox_full', `${MAX_QUEUE} prompts wait for "${agent.name}" already.`);
  if (agent.queue.some((one) => one.prompt === prompt) || agent.taken?.includes(prompt) === true)
    throw new SkeinError('name_taken', `There is a prompt ${prompt} already.`);
  const parts = whole(given, facts);
  const before = agent.queue.length + (agent.turn === null ? 0 : 1);
  return {
    events: [{ type: 'prompt.queued', body: { agent: id, prompt, parts, preview: previewOf(parts) } }],
    reply: { agent: id, prompt, before },
  };
}

export function editPrompt(
  state: SessionState,
  { agent: id, prompt, parts: given }: AgentCommands['prompt.edit'],
  facts: unknown,
): Decision {
  waiting(agentIn(state, id), prompt);
  const parts = whole(given, facts);
  return {
    events: [{ type: 'prompt.edited', body: { agent: id, prompt, parts, preview: previewOf(parts) } }],
    reply: { agent: id, prompt },
  };
}

export function cancelPrompt(
  state: SessionState,
  { agent: id, prompt }: AgentCommands['prompt.cancel'],
): Decision {
  waiting(agentIn(state, id), prompt);
  return {
    events: [{ type: 'prompt.cancelled', body: { agent: id, prompt } }],
    reply: { agent: id, prompt },
  };
}

/** The turn that runs, once: a second cancel of the same is answered as the first. */
export function cancelTurn(state: SessionState, { agent: id, turn }: AgentCommands['turn.cancel']): Decision {
  const { name, turn: running } = agentIn(state, id);
  if (running === null)
    throw new SkeinError('no_turn', `Agent "${name}" is doing nothing that could be cancelled.`);
  if (turn !== undefined && turn !== running.turn)
    throw new SkeinError('gone', `That turn of "${name}" has ended.`, { running: running.turn });
  const reply = { agent: id, turn: running.turn };
  if (running.cancelling) return { reply };
  return { events: [{ type: 'turn.cancelling', body: { agent: id, turn: running.turn } }], reply };
}

function waiting({ name, queue, turn }: AgentState, prompt: string): void {
  if (queue.some((one) => one.prompt === prompt)) return;
  const started = turn?.prompt === prompt;
  throw new SkeinError(
    'gone',
    started
      ? `"${name}" has begun with that prompt. To stop it, cancel the turn.`
      : `That prompt does not wait for "${name}" any more.`,
  );
}

/** The parts with what was handed over before in its place, and within the limit. */
function whole(given: readonly PromptPartGiven[], facts: unknown): PromptPart[] {
  const { uploads = {} } = (facts ?? {}) as Partial<PromptFacts>;
  const parts = given.map((part): PromptPart => {
    if (!('upload' in part)) return part;
    const held = Object.hasOwn(uploads, part.upload) ? uploads[part.upload] : undefined;
    if (held === undefined)
      throw new SkeinError(
        'upload_gone',
        'What was handed over for this prompt is not kept any more. Send it again.',
      );
    return part.type === 'text'
      ? { type: 'text', text: held }
      : { type: 'image', mime: part.mime, data: held };
  });
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  if (size > MAX_PROMPT)
    throw new SkeinError(
      'too_large',
      `A prompt may have ${MAX_PROMPT} bytes; this has ${size}. Put the rest into a file and name that.`,
      { size, most: MAX_PROMPT },
    );
  return parts;
}

function sizeOf(part: PromptPart): number {
  if (part.type === 'text') return Buffer.byteLength(part.text);
  return part.type === 'image' ? part.data.length : part.path.length;
}
