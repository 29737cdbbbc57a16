/** Tools for an agent's own work among others: claims, questions, its result, and bringing in what was done (rules N1, W1, W5). */
import * as z from 'zod';
import { isShallow, TOO_DEEP } from '../deeper.ts';
import { MAX_GLOBS, MAX_LANDING_WORDS } from '../workspaces/limits.ts';
import { agentRef, timeout, told } from './parts.ts';
import { tool } from './tool.ts';

const paths = z
  .array(z.string().min(1).max(4_096))
  .min(1)
  .max(MAX_GLOBS)
  .describe('Paths in the workspace: literal, "*" within a segment, "/**" at the end for all below.');

export const workingTools = {
  claim: tool({
    name: 'claim',
    title: 'Claim files',
    description:
      'Claims paths of your workspace, so that no other agent writes them until you release them. Refused with who holds them; with wait=true it waits its turn.',
    input: z.object({
      paths,
      wait: z.boolean().default(false),
      timeout,
    }),
    output: z.object({
      claim: z.string(),
      held: z.boolean(),
      /** How many wait before it. */
      before: z.int(),
      paths: z.array(z.string()),
    }),
    reads: false,
    needs: 'self',
  }),
  release: tool({
    name: 'release',
    title: 'Release files',
    description: 'Releases what you have claimed: the claims that lie within these paths, or all of them.',
    input: z.object({ paths: paths.optional() }),
    output: z.object({ released: z.array(z.string()) }),
    reads: false,
    needs: 'self',
  }),
  ask: tool({
    name: 'ask',
    title: 'Ask a person',
    description:
      'Asks the people of your session a question that only they can decide. With wait=true returns with the answer, if it comes in time; else go on with something else, and call it again later with the id of the question.',
    input: z.object({
      text: told('The question, with what one must know to answer it.').optional(),
      options: z.array(z.string().min(1).max(256)).max(16).optional().describe('Answers to choose from.'),
      question: z
        .string()
        .max(64)
        .optional()
        .describe('Instead of a text: the id of one asked before, to wait for.'),
      wait: z.boolean().default(true),
      timeout,
    }),
    output: z.object({
      question: z.string(),
      answer: z.string().nullable().describe('null while nobody has answered.'),
      by: z.string().nullable(),
    }),
    reads: false,
    needs: 'self',
  }),
  report: tool({
    name: 'report',
    title: 'Report a result',
    description:
      'Says what has come of what you were given: of a task, or to the agent that started you, which is told. Do it once, at the end.',
    input: z.object({
      text: told('What was done, what was not, what one must know.'),
      ok: z.boolean().default(true).describe('false: it could not be done.'),
      task: z.string().max(64).optional().describe('The task, if you were given several.'),
      data: z
        .record(z.string(), z.unknown())
        .refine(isShallow, TOO_DEEP)
        .optional()
        .describe('The result for programs, if one was wanted.'),
    }),
    output: z.object({ to: z.string().describe('Whom it was told: a task, an agent, or the session.') }),
    reads: false,
    needs: 'self',
  }),
  land: tool({
    name: 'land',
    title: "Land an agent's work",
    description:
      'Brings what an agent that you have started has done in its worktree onto the branch of the workspace. One at a time; stops where it would overwrite something, and says where.',
    input: z.object({
      agent: agentRef,
      message: z
        .string()
        .min(1)
        .max(MAX_LANDING_WORDS)
        .optional()
        .describe('Of the commit, where one is made.'),
      check: z
        .string()
        .min(1)
        .max(4_096)
        .optional()
        .describe('A shell command that must succeed on the result first.'),
      timeout,
    }),
    output: z.object({
      landing: z.string(),
      state: z.string().describe('"landed", "stopped", "waiting" or "running".'),
      why: z.string().nullable(),
      commit: z.string().nullable(),
      files: z.array(z.string()).describe('In conflict, if it stopped at those.'),
    }),
    reads: false,
    needs: 'operator',
  }),
};
