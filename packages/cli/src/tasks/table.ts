/** Tasks as people read them: a table, a line, or one with all that is known of it (rule N3). Pure. */
import type { ListedTask, TaskAnswer } from '@skein/protocol/tasks/asks';
import type { TaskState } from '@skein/protocol/tasks/state';
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { age, visible, visibleLines } from '@skein/protocol/text/words';
import { whoText } from '../agents/who-text.ts';

/** Characters of what is wanted in a list. */
const TITLE = 72;

/** States in which none will do it any more: who has is not known where that agent was removed. */
const ENDED: readonly TaskState[] = ['done', 'failed', 'cancelled', 'late'];

export function taskTable(tasks: readonly ListedTask[], paint: Paint, now: number): string {
  const head = ['TASK', 'STATE', 'AGE', 'AGENT', 'NEEDS', 'WHAT'];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  const numbers = new Map(tasks.map(({ task, n }) => [task, n]));
  for (const one of tasks)
    rows.push([
      { text: String(one.n), paint: paint.bold },
      { text: one.state, paint: colourOf(one.state, paint) },
      { text: age(now - one.added) },
      { text: visible(one.agentName ?? one.definition ?? (ENDED.includes(one.state) ? '-' : 'any')) },
      { text: one.needs.map((id) => numbers.get(id) ?? '?').join(',') || '-' },
      { text: whatText(one) },
    ]);
  return table(rows);
}

/** What has become of one, for whoever follows. */
export function taskLine(one: ListedTask, paint: Paint, now: number): string {
  const time = paint.dim(new Date(now).toTimeString().slice(0, 8));
  const who = one.agentName === null ? '' : `  ${visible(one.agentName)}`;
  return `${time}  ${paint.bold(String(one.n))}  ${colourOf(one.state, paint)(one.state)}${who}  ${whatText(one)}`;
}

/** In a list. */
function short(text: string): string {
  return text.length <= TITLE ? text : `${text.slice(0, TITLE - 1)}…`;
}

function whatText({ title, why, held, state }: ListedTask): string {
  const text = short(title);
  const bad = state === 'failed' || state === 'late' || state === 'queued';
  const more = held ?? (bad ? why : null);
  return visible(more === null ? text : `${text}  (${short(more.replace(/\s+/g, ' '))})`);
}

export function taskText(task: TaskAnswer, ref: string, paint: Paint, now: number): string {
  const { n, state, added, by, due, ended, attempt, retries, check, why, held, waitsFor, result } = task;
  const times = attempt > 1 ? `, attempt ${attempt}` : '';
  const lines: [string, string | null][] = [
    ['state', `${state}${times}${held === null ? '' : ` (${held})`}`],
    ['agent', task.agentName ?? task.definition],
    ['added', `${age(now - added)} ago by ${whoText(by)}`],
    ['ended', ended === null ? null : `${age(now - ended)} ago`],
    ['waits for', waitsFor.length === 0 ? null : `task ${waitsFor.join(', ')}`],
    ['due', due === null || ended !== null ? null : due > now ? `in ${age(due - now)}` : 'now'],
    ['retries', retries === 0 ? null : String(retries)],
    ['check', check],
    ['why', why],
  ];
  const told = lines.flatMap(([name, value]) =>
    value === null ? [] : [`${paint.dim(`${name}:`.padEnd(11))}${visible(value)}`],
  );
  const parts = [`${paint.bold(`Task ${n}`)} of ${ref}`, ...told, '', visibleLines(task.text)];
  if (result !== null) {
    const from = result.from === 'report' ? 'Reported' : 'Last said';
    parts.push(
      '',
      paint.dim(`${from}${result.ok ? '' : ' that it could not be done'}:`),
      visibleLines(result.text),
    );
    if (result.cut !== undefined) parts.push(paint.dim(`… ${result.cut} characters in all`));
    if (result.data !== undefined) parts.push(JSON.stringify(result.data, null, 2));
  }
  return `${parts.join('\n')}\n`;
}

function colourOf(state: TaskState, paint: Paint): (text: string) => string {
  if (state === 'failed' || state === 'late') return paint.red;
  if (state === 'running') return paint.yellow;
  return state === 'done' ? paint.green : paint.dim;
}
