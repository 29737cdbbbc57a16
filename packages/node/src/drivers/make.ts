/** Builds a driver from what is special of its protocol; the rest, which all have in common, is here. */

import { MAX_PROMPT } from '@skein/protocol/agents/limits';
import { deeper } from '@skein/protocol/deeper';
import { cut } from './bounds.ts';
import { resolveApproval } from './calls.ts';
import { Draft } from './draft.ts';
import {
  acceptsPrompt,
  type Driver,
  type FileDone,
  type Input,
  type PromptPart,
  type StartSpec,
  type Stepped,
} from './driver.ts';
import { takeLines } from './lines.ts';
import { type BaseState, MAX_JUNK, MAX_STDERR, type OpenApproval } from './state.ts';

/** Levels of a message. No protocol comes near; what descends into a deeper one could exhaust the stack. */
const MAX_LEVELS = 128;

/** A message of the protocol: a JSON object, nothing more is known of it. */
export type Message = Record<string, unknown>;

export interface Protocol<S extends BaseState> {
  name: string;
  version: number;
  args(spec: StartSpec): string[];
  initial(spec: StartSpec): S;
  /** The first writes. */
  begin(d: Draft<S>, spec: StartSpec): void;
  /** One message from the agent; `line` is how it came. */
  message(d: Draft<S>, message: Message, line: string): void;
  /** Sends a prompt; no turn runs, and one has just been started for it. */
  prompt(d: Draft<S>, parts: PromptPart[]): void;
  /** Asks the agent to end the turn that runs; once a turn. */
  cancel(d: Draft<S>): void;
  /** Sends the answer to a question that is no longer open. */
  answer(d: Draft<S>, question: OpenApproval, option: string, allowed: boolean, reason?: string): void;
  /** Says no to a question that ended with its turn, where whoever asked it may wait on. */
  drop?(d: Draft<S>, question: OpenApproval): void;
  choose(d: Draft<S>, what: 'mode' | 'model', value: string): void;
  /** Takes what has become of a file that the agent wanted. */
  file?(d: Draft<S>, file: string, done: FileDone): void;
  /** Looks at its terminal, where it has one. */
  screen?(d: Draft<S>, screen: { text: string; still: number }): void;
}

export function makeDriver<S extends BaseState>(protocol: Protocol<S>): Driver<S> {
  const { name, version } = protocol;
  return {
    name,
    version,
    args: (spec) => protocol.args(spec),
    start(spec) {
      const d = new Draft(protocol.initial(spec));
      protocol.begin(d, spec);
      return stepped(d);
    },
    step(state, input) {
      const d = new Draft(structuredClone(state));
      take(protocol, d, input);
      for (const question of d.dropped) protocol.drop?.(d, question);
      return stepped(d);
    },
  };
}

function stepped<S extends BaseState>(d: Draft<S>): Stepped<S> {
  return { state: d.s, events: d.events, writes: d.writes };
}

function take<S extends BaseState>(protocol: Protocol<S>, d: Draft<S>, input: Input): void {
  switch (input.type) {
    case 'output':
      takeLines(d.s, input.offset, input.bytes, input.end ?? false, {
        line: (line) => onLine(protocol, d, line),
        tooLong: () => onTooLong(d),
      });
      return;
    case 'stderr':
      d.s.stderr = tail(d.s.stderr, input.bytes);
      return;
    case 'screen':
      if (d.s.life === 'deaf' || d.s.life === 'exited') return;
      return protocol.screen?.(d, input);
    case 'prompt':
      return onPrompt(protocol, d, input.prompt, input.parts);
    case 'cancel':
      if (d.s.turn === null || d.s.turn.replayed) return d.refuse('cancel', 'no_turn', 'No turn is running.');
      if (d.s.turn.cancelling) return;
      d.s.turn.cancelling = true;
      return protocol.cancel(d);
    case 'answer': {
      const resolved = resolveApproval(d, input.approval, input.option);
      if (resolved === undefined) return;
      const allowed = resolved.kind.startsWith('allow');
      return protocol.answer(d, resolved.question, input.option, allowed, input.reason);
    }
    case 'mode':
    case 'model': {
      const value = input.type === 'mode' ? input.mode : input.model;
      if (d.s.life !== 'ready') return d.refuse(input.type, 'agent_not_ready', 'The agent is not ready.');
      return protocol.choose(d, input.type, value);
    }
    case 'file':
      if (d.s.life === 'deaf' || d.s.life === 'exited') return;
      return protocol.file?.(d, input.file, input.done);
    case 'exit':
      if (d.s.life === 'exited') return;
      d.giveUp('exited', 'The agent has ended.');
      d.emit('agent.exited', {
        code: input.code,
        signal: input.signal,
        stderr: new TextDecoder().decode(d.s.stderr),
      });
  }
}

function onLine<S extends BaseState>(protocol: Protocol<S>, d: Draft<S>, raw: string): void {
  if (d.s.life === 'deaf' || d.s.life === 'exited') return;
  const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  if (line.trim() === '') return;
  const message = parsed(line);
  if (message !== undefined) {
    d.s.junk = 0;
    if (deeper(message, MAX_LEVELS))
      return d.fault(
        'agent_bad_message',
        `The agent sent a message of more than ${MAX_LEVELS} levels.`,
        line,
      );
    protocol.message(d, message, line);
    return;
  }
  d.fault('agent_not_protocol', 'The agent printed a line that is not of its protocol.', line);
  junk(d);
}

function onTooLong<S extends BaseState>(d: Draft<S>): void {
  if (d.s.life === 'deaf' || d.s.life === 'exited') return;
  d.fault('agent_line_too_long', `The agent printed a line of more than ${d.s.maxLine} bytes.`);
  junk(d);
}

function junk<S extends BaseState>(d: Draft<S>): void {
  d.s.junk += 1;
  if (d.s.junk < MAX_JUNK) return;
  const message = 'The agent does not speak the protocol that its definition says.';
  d.fault('agent_unintelligible', message);
  d.giveUp('deaf', message);
}

function parsed(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Message)
      : undefined;
  } catch {
    return undefined;
  }
}

function onPrompt<S extends BaseState>(
  protocol: Protocol<S>,
  d: Draft<S>,
  prompt: string,
  parts: PromptPart[],
): void {
  if (!acceptsPrompt(d.s)) {
    const running = d.s.turn !== null;
    const message = running
      ? 'A turn is running: prompts wait until it has ended.'
      : 'The agent is not ready for a prompt.';
    return d.refuse('prompt', running ? 'turn_running' : 'agent_not_ready', message, prompt);
  }
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  if (size > MAX_PROMPT)
    return d.refuse('prompt', 'too_large', `A prompt may have ${MAX_PROMPT} bytes at most.`, prompt);
  // What is told of the past is over, whether the agent said so or not.
  d.endTurn('done');
  unmute(d);
  d.startTurn(prompt);
  protocol.prompt(d, parts);
}

/** What comes from here on is no history: of what was passed over, nothing can be told any more. */
function unmute<S extends BaseState>(d: Draft<S>): void {
  if (!d.s.muted) return;
  d.closeItem();
  d.s.muted = false;
  d.s.calls = [];
  d.s.last = null;
}

const encoder = new TextEncoder();

function sizeOf(part: PromptPart): number {
  if (part.type === 'text') return encoder.encode(part.text).length;
  return part.type === 'image' ? part.data.length : part.path.length;
}

function tail(before: Uint8Array, more: Uint8Array): Uint8Array {
  const last = more.subarray(-MAX_STDERR);
  const kept = before.subarray(Math.max(0, before.length + last.length - MAX_STDERR));
  const out = new Uint8Array(kept.length + last.length);
  out.set(kept);
  out.set(last, kept.length);
  return out;
}

/** A sentence for the agent's eyes, why something was denied. */
export const denial = (reason: string | undefined) =>
  cut(reason ?? 'The user does not want this to be done. Stop, and ask how to go on.', 4096);
