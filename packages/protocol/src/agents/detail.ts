/** What a tool call is to do, in one text that a person can judge and a policy can match. Pure. */
import type { AgentEvents } from './events.ts';
import { APPROVAL_DETAIL } from './limits.ts';

type Told = Pick<AgentEvents['approval.asked'], 'input' | 'title' | 'kind'>;

/** The command that a call would run, whole: null when it is not told, so that nothing is allowed by a part of it. */
export function commandOf({ input, kind }: Pick<Told, 'input' | 'kind'>): string | null {
  if (kind !== 'execute' || input === undefined || !('json' in input)) return null;
  const { command } = (input.json ?? {}) as { command?: unknown };
  if (typeof command === 'string') return command;
  if (Array.isArray(command) && command.every((word) => typeof word === 'string')) return command.join(' ');
  return null;
}

/** Its command, or the beginning of its input. */
export function detailOf({ input, title, kind }: Told): string | null {
  const command = commandOf({ kind, ...(input === undefined ? {} : { input }) });
  const text =
    command ?? (input === undefined ? null : 'json' in input ? JSON.stringify(input.json) : input.text);
  if (text === null || text === undefined || text === title) return null;
  return text.length <= APPROVAL_DETAIL ? text : `${text.slice(0, APPROVAL_DETAIL - 1)}…`.toWellFormed();
}
