/** What an agent is told of a task that it is given (rule N3). Pure. */
import type { SessionState } from '@skein/protocol/sessions/state';
import { hasEnded, type Task } from '@skein/protocol/tasks/state';
import { nameOf } from '../questions/decide.ts';

/** Characters of the results of others that it builds on. */
const EACH_RESULT = 2_000;

export function promptText(state: SessionState, task: Task, attempt: number, now: number): string {
  const { n, text, why, due } = task;
  const parts = [`Task ${n}, given by ${nameOf(task.by)}:`, text];
  const needs = task.needs.flatMap((id) => state.tasks[id] ?? []).filter(hasEnded);
  if (needs.length > 0) parts.push(['What it builds on:', ...needs.map(resultLine)].join('\n'));
  if (attempt > 1 && why !== null) parts.push(`This was tried before and came to nothing: ${why}`);
  if (due !== null) parts.push(`It is to be finished within ${minutes(due - now)}.`);
  const how = `When it is finished, or cannot be, say so once with the tool "report" (ok, text). If you have no such tool, end with a message that says what has come of it.`;
  return [...parts, how].join('\n\n');
}

function resultLine({ n, life, result, why }: Task): string {
  const said = result?.text ?? why ?? '';
  const text = said.length <= EACH_RESULT ? said : `${said.slice(0, EACH_RESULT - 1)}…`;
  return `- task ${n} (${life})${text === '' ? '' : `: ${text}`}`;
}

function minutes(ms: number): string {
  return ms < 120_000
    ? `${Math.max(1, Math.round(ms / 1_000))} seconds`
    : `${Math.round(ms / 60_000)} minutes`;
}
