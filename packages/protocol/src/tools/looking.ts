/** Tools that look: at agents, machines, what was said, what a terminal shows, what was changed (rule N1). */
import * as z from 'zod';
import { DOINGS } from '../agents/state.ts';
import { agentNow, agentRef, timeout } from './parts.ts';
import { tool } from './tool.ts';

const maybe = z.string().nullable();

export const lookingTools = {
  list: tool({
    name: 'list',
    title: 'List agents',
    description:
      'Lists your session: its agents (name, state, who started them, machine, workspace) and its terminal. "you" is yourself, with what you may still start. Use it to learn names before other tools.',
    input: z.object({}),
    output: z.object({
      session: z.string(),
      you: z
        .object({
          agent: z.string(),
          name: z.string(),
          /** Levels below that may be started, and how many agents now. */
          depth: z.int(),
          spawn: z.int(),
          role: z.string(),
          approve: z.boolean(),
        })
        .nullable(),
      agents: z.array(
        z.object({
          agent: z.string(),
          name: z.string(),
          definition: z.string(),
          state: z.enum(DOINGS),
          /** Who started it: an agent's name; null for a person. */
          parent: maybe,
          machine: maybe.describe('null for this one.'),
          workspace: maybe,
          queued: z.int(),
        }),
      ),
      terminal: z.object({ state: z.string(), program: z.array(z.string()) }).nullable(),
      definitions: z.array(z.string()).describe('What "spawn" can start here.'),
    }),
    reads: true,
    needs: 'viewer',
  }),
  wait: tool({
    name: 'wait',
    title: 'Wait for agents',
    description:
      'Waits until every agent named (all that you have started, if none is named) has finished what it was given, has ended, or needs an answer; with any=true until the first has. Returns what each has come to and its last message. Call it again when "over" is true.',
    input: z.object({
      agents: z.array(agentRef).max(32).optional().describe('Names or ids; yours if absent.'),
      any: z.boolean().default(false).describe('Return at the first of them.'),
      timeout,
    }),
    output: z.object({ over: z.boolean().describe('The time was over before.'), agents: z.array(agentNow) }),
    reads: true,
    needs: 'viewer',
  }),
  transcript: tool({
    name: 'transcript',
    title: 'Read what an agent did',
    description:
      'Reads what an agent was told, said and did, as text, a page at a time. Without "from" the newest page; with it, the page that begins there. "next" is where the next one begins, null at the end.',
    input: z.object({
      agent: agentRef,
      from: z.int().min(0).optional().describe('A "next" or "first" of an earlier answer.'),
      limit: z.int().min(1).max(200).default(50).describe('Entries of a page.'),
      full: z.boolean().default(false).describe('Tool inputs and outputs in full, not only their titles.'),
    }),
    output: z.object({
      agent: z.string(),
      /** Where the page begins, in the session's log. */
      first: z.int().nullable(),
      next: z.int().nullable(),
      entries: z.int(),
      cut: z.boolean().describe('Long texts were shortened.'),
    }),
    reads: true,
    needs: 'viewer',
  }),
  screen: tool({
    name: 'screen',
    title: 'Read the terminal',
    description:
      "Reads what the session's terminal shows now, as text, with some lines of what scrolled away.",
    input: z.object({ history: z.int().min(0).max(500).default(0).describe('Lines above the screen.') }),
    output: z.object({ cols: z.int(), rows: z.int(), screen: z.string(), cut: z.boolean() }),
    reads: true,
    needs: 'viewer',
  }),
  machines: tool({
    name: 'machines',
    title: 'List machines',
    description:
      'Lists the other machines that "spawn" can start agents on (its "on"), whether each can be reached now, and how many agents of this session are there.',
    input: z.object({}),
    output: z.object({
      machines: z.array(z.object({ name: z.string(), reachable: z.boolean(), agents: z.int() })),
    }),
    reads: true,
    needs: 'viewer',
  }),
  diff: tool({
    name: 'diff',
    title: 'See what an agent changed',
    description:
      "Shows what an agent's worktree has that its base has not: commits, files, and the diff unless stat=true. Yourself if no agent is named.",
    input: z.object({
      agent: agentRef.optional(),
      stat: z.boolean().default(false).describe('Only the table of files.'),
    }),
    output: z.object({
      branch: maybe,
      onto: maybe,
      commits: z.array(z.object({ hash: z.string(), subject: z.string() })),
      files: z.array(z.object({ path: z.string(), added: z.int().nullable(), removed: z.int().nullable() })),
      diff: z.string(),
      cut: z.boolean(),
    }),
    reads: true,
    needs: 'viewer',
  }),
};
