/** Tools that start agents and tell them what to do (rules N1, N2). */
import * as z from 'zod';
import { agentName, definitionName } from '../agents/names.ts';
import { MAX_TYPED } from './limits.ts';
import { agentNow, agentRef, timeout, told } from './parts.ts';
import { tool } from './tool.ts';

export const directingTools = {
  spawn: tool({
    name: 'spawn',
    title: 'Start an agent',
    description:
      'Starts another agent in your session and gives it a prompt at once. It works by itself; use "wait" to learn when it has finished and "transcript" to read it. In a git workspace it gets a worktree of its own unless told otherwise. How many there may be, and how deep, is limited.',
    input: z.object({
      definition: definitionName.describe(
        'Which kind, such as "claude" or "codex"; "list" tells which there are.',
      ),
      prompt: told('What it is to do. It knows nothing of your conversation: say all it needs.').optional(),
      name: agentName.optional().describe('What it is called; made from the definition if absent.'),
      on: z.string().min(1).max(128).optional().describe('Another machine, as "machines" tells it.'),
      workspace: z
        .string()
        .min(1)
        .max(4_096)
        .optional()
        .describe('A workspace, by name; your own if absent.'),
      worktree: z.boolean().optional().describe('Whether in a worktree and branch of its own.'),
      dir: z
        .string()
        .min(1)
        .max(4_096)
        .optional()
        .describe('Directory that it works in: relative to the workspace; on another machine, one there.'),
      mode: z
        .string()
        .max(1_024)
        .optional()
        .describe('Only your own, to one of your own kind; else a person chooses it.'),
      model: z.string().max(1_024).optional(),
    }),
    output: z.object({
      agent: z.string(),
      name: z.string(),
      prompt: z.string().nullable().describe('Id of its first prompt.'),
      left: z.int().nullable().describe('How many more you may start now.'),
    }),
    reads: false,
    needs: 'operator',
  }),
  prompt: tool({
    name: 'prompt',
    title: 'Prompt an agent',
    description:
      'Gives an agent something to do; behind what it was given before. With wait=true returns when that turn has ended, with its last message; else at once.',
    input: z.object({
      agent: agentRef,
      text: told('What it is to do.'),
      wait: z.boolean().default(false),
      timeout,
    }),
    output: z.object({
      prompt: z.string(),
      before: z.int().describe('Prompts before it when it was given.'),
      over: z.boolean().describe('The time was over before its turn had ended.'),
      now: agentNow.nullable(),
    }),
    reads: false,
    needs: 'operator',
  }),
  message: tool({
    name: 'message',
    title: 'Message an agent',
    description:
      'Tells another agent something. It arrives as a prompt that names you, so that it can answer with "message". Not for giving work: use "prompt".',
    input: z.object({ agent: agentRef, text: told('What it is told.') }),
    output: z.object({ prompt: z.string(), before: z.int() }),
    reads: false,
    needs: 'viewer',
  }),
  interrupt: tool({
    name: 'interrupt',
    title: 'Interrupt an agent',
    description: 'Ends the turn that an agent you have started is at, and keeps the agent.',
    input: z.object({ agent: agentRef }),
    output: z.object({ agent: z.string(), turn: z.string().nullable() }),
    reads: false,
    needs: 'operator',
  }),
  stop: tool({
    name: 'stop',
    title: 'Stop an agent',
    description: 'Ends an agent that you have started. Those that it has started go on.',
    input: z.object({ agent: agentRef }),
    output: z.object({ agent: z.string() }),
    reads: false,
    needs: 'operator',
  }),
  approve: tool({
    name: 'approve',
    title: 'Answer an approval',
    description:
      'Answers what an agent that you have started asks to be allowed to do. Only where you were given that right; never for yourself.',
    input: z.object({
      approval: z.string().min(1).max(256).describe('Its id, as "wait" tells it.'),
      answer: z.enum(['allow', 'deny']),
      reason: z.string().max(4_096).optional().describe('Told to the agent.'),
    }),
    output: z.object({ approval: z.string(), outcome: z.enum(['allowed', 'denied']) }),
    reads: false,
    needs: 'approve',
  }),
  type: tool({
    name: 'type',
    title: 'Type into the terminal',
    description:
      'Types into the session\'s terminal: first "text" as it is, then "keys" one by one. Look with "screen" at what it does.',
    input: z.object({
      text: z.string().max(MAX_TYPED).optional().describe('Typed as it is; no Enter is added.'),
      keys: z
        .array(z.string().min(1).max(32))
        .max(64)
        .optional()
        .describe('Such as "enter", "esc", "ctrl-c", "up", "tab", "f5".'),
    }),
    output: z.object({ bytes: z.int() }),
    reads: false,
    needs: 'operator',
  }),
};
