/** `skein queue`: what waits for an agent. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const queue: CommandSpec = {
  name: 'queue',
  summary: 'what waits for an agent; change it, or take it back',
  details: `A prompt that waits is named by its number in the list, or by the beginning of its id.
Without a text, edit opens it in $VISUAL or $EDITOR.`,
  args: [
    { name: 'ref', summary: 'session or session/agent', required: true },
    { name: 'action', summary: 'show (the default), edit or cancel' },
    { name: 'prompt', summary: 'which one; cancel takes all as well' },
    { name: 'text', summary: 'what it is to say instead; - reads it from stdin' },
  ],
  options: [],
  examples: [
    ['skein queue api', 'the turn that runs, and what waits behind it'],
    ["skein queue api edit 1 'fix both tests'", 'say something else'],
    ['skein queue api cancel 2', 'take one back'],
    ['skein queue api cancel all', 'leave only what runs'],
  ],
  json: `{session, agent, name, turn, queue: [{prompt, preview, kinds, at, by}]}
  turn: {turn, prompt, startedAt, by, cancelling} | null. With edit and cancel {agent, prompts}.`,
  load: () => import('./run.ts'),
};
