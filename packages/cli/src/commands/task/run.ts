/** Tasks of a session: listed, shown, cancelled, begun anew (rule N3). */
import { SkeinError } from '@skein/protocol/errors';
import type { TaskAnswer } from '@skein/protocol/tasks/asks';
import { MAX_SLOTS } from '@skein/protocol/tasks/limits';
import { PATIENCE_MS, streamOf } from '../../agents/open.ts';
import type { Call } from '../../invocation/call.ts';
import { doEach } from '../../output/do-each.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { type MeantSession, sessionMeant } from '../../tasks/session-meant.ts';
import { taskLine, taskTable, taskText } from '../../tasks/table.ts';
import { add } from './add.ts';

/** Milliseconds for which one question to the node may stand. */
const WAIT_MS = 30_000;

export async function run(call: Call): Promise<number> {
  const action = call.arg('action') ?? 'ls';
  if (action === 'add') {
    const { found, task } = await add(call);
    if (task === undefined) return 0;
    return shown(call, found, await ended(found, task));
  }
  const what = call.args('what');
  const waits = call.flag('follow') || call.flag('wait');
  if (action === 'ls') return list(call, await sessionMeant(call, waits ? PATIENCE_MS : undefined));
  if (!['show', 'cancel', 'retry', 'slots'].includes(action))
    throw new SkeinError(
      'bad_request',
      `A task can be added, listed, shown, cancelled or retried, not "${action}".`,
      {
        see: 'skein task --help',
      },
    );
  if (what.length === 0)
    throw new SkeinError('bad_request', `Say which: skein task ${action} ${action === 'slots' ? 4 : 1}`);
  const found = await sessionMeant(call, waits ? PATIENCE_MS : undefined);
  if (action === 'slots') return slots(call, found, what[0] ?? '');
  if (action === 'cancel' || action === 'retry') return change(call, found, action, what);
  if (what.length > 1) throw new SkeinError('bad_request', 'One is shown at a time.');
  const wanted = what[0] ?? '';
  const task = call.flag('wait') ? await ended(found, wanted) : await oneOf(found, wanted);
  return shown(call, found, task);
}

async function list(call: Call, { client, session, ref }: MeantSession): Promise<number> {
  const paint = paintFor(call.flag('no-color'));
  let { mark, ...now } = await client.ask('tasks', { ref: session.id });
  if (call.json) printJson(now);
  else if (now.tasks.length > 0) print(taskTable(now.tasks, paint, Date.now()));
  else print(`Session ${ref} has no tasks. Add one: skein task add --in ${ref} --agent codex '…'`);
  if (!call.flag('follow')) return 0;
  for (;;) {
    const before = new Map(now.tasks.map((one) => [one.task, JSON.stringify(one)]));
    ({ mark, ...now } = await client.ask('tasks', { ref: session.id, since: mark, wait: WAIT_MS }));
    const changed = now.tasks.filter((one) => before.get(one.task) !== JSON.stringify(one));
    if (changed.length === 0) continue;
    if (call.json) printJson(now);
    else for (const one of changed) print(taskLine(one, paint, Date.now()));
  }
}

async function slots(call: Call, { client, session, ref }: MeantSession, text: string): Promise<number> {
  const wanted = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (wanted < 1 || wanted > MAX_SLOTS)
    throw new SkeinError('bad_request', `Slots are a number from 1 to ${MAX_SLOTS}, not "${text}".`);
  await client.command(streamOf(session), 'task.slots', { slots: wanted });
  if (call.json) printJson({ slots: wanted });
  else print(`${wanted} at a time in ${ref}.`);
  return 0;
}

async function change(
  call: Call,
  found: MeantSession,
  action: 'cancel' | 'retry',
  wanted: readonly string[],
): Promise<number> {
  // All are found before any is changed.
  const tasks = await Promise.all(wanted.map((one) => oneOf(found, one)));
  await doEach(tasks, {
    json: call.json,
    called: ({ n }) => `Task ${n}`,
    act: async ({ task, n }) => {
      await found.client.command(streamOf(found.session), `task.${action}`, { task });
      if (!call.json) print(`Task ${n} ${action === 'cancel' ? 'is cancelled' : 'is begun anew'}.`);
      return { task, n };
    },
  });
  return 0;
}

function oneOf({ client, session }: MeantSession, task: string): Promise<TaskAnswer> {
  return client.ask('task', { ref: session.id, task });
}

async function ended(found: MeantSession, wanted: string): Promise<TaskAnswer> {
  const { client, session } = found;
  const { task } = await oneOf(found, wanted);
  for (;;) {
    const now = await client.ask('task', { ref: session.id, task, wait: WAIT_MS });
    if (now.ended !== null) return now;
  }
}

function shown(call: Call, { ref }: MeantSession, task: TaskAnswer): number {
  if (call.json) printJson(task);
  else print(taskText(task, ref, paintFor(call.flag('no-color')), Date.now()));
  return call.flag('wait') && task.state !== 'done' ? 1 : 0;
}
