/** Adds a task, with all that is said of it. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { TaskCommands } from '@skein/protocol/tasks/commands';
import { MAX_DEADLINE_MS, MAX_RETRIES, MAX_TASK_TEXT } from '@skein/protocol/tasks/limits';
import { agentNamed } from '../../agents/named.ts';
import { PATIENCE_MS, streamOf } from '../../agents/open.ts';
import { whereOf } from '../../agents/where.ts';
import { readStdin } from '../../connect/stdin.ts';
import { type Call, parseDuration } from '../../invocation/call.ts';
import { print, printJson, writeAll } from '../../output/write.ts';
import { type MeantSession, sessionMeant } from '../../tasks/session-meant.ts';

/** Bytes of stdin that are read to be told that they are too many. */
const MOST_READ = 8 * MAX_TASK_TEXT;

/** `task` only where it is to be waited for; else all is said. */
export async function add(call: Call): Promise<{ found: MeantSession; task: string | undefined }> {
  const text = await textOf(call.args('what'));
  const deadline = parseDuration('deadline', call.text('deadline'), MAX_DEADLINE_MS);
  const retries = call.integer('retries', MAX_RETRIES) ?? 0;
  const waits = call.flag('wait');
  const found = await sessionMeant(call, waits ? PATIENCE_MS : undefined);
  const { client, session, ref } = found;
  const [definition, to, check] = [call.text('agent'), call.text('to'), call.text('check')];
  const { on, workspace } = await whereOf(call, client);
  // Elsewhere other definitions count, and who may add a task need not be told of them.
  const here = found.node === undefined && on === undefined && workspace === undefined;
  if (definition !== undefined && here) await checkDefinition(client, definition, session.cwd);
  const needs = await Promise.all(
    (call.text('needs') ?? '')
      .split(',')
      .filter((one) => one.trim() !== '')
      .map(async (one) => (await client.ask('task', { ref: session.id, task: one.trim() })).task),
  );
  const body: TaskCommands['task.add'] = {
    ...{ task: newId(), text, needs, anyway: call.flag('anyway'), retries },
    ...(definition === undefined ? {} : { definition }),
    ...(to === undefined ? {} : { to: agentNamed(session, to).agent }),
    ...(check === undefined ? {} : { check }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(on === undefined ? {} : { on }),
    ...(workspace === undefined ? {} : { workspace }),
  };
  const { task, n } = (await client.command(streamOf(session), 'task.add', body)) as {
    task: string;
    n: number;
  };
  if (waits) {
    // Also for whoever stops waiting.
    if (!call.json && process.stderr.isTTY)
      writeAll(2, `Task ${n}. If you do not wait: skein task show ${n} --in ${ref}\n`);
    return { found, task };
  }
  if (call.json) printJson({ task, n, session: session.id });
  else print(`Task ${n}. See: skein task show ${n} --in ${ref} · skein task ls --in ${ref} -f`);
  return { found, task: undefined };
}

/** Throws `not_found`: else one that is not there would be told only once it has failed. */
async function checkDefinition(client: Client, wanted: string, cwd: string): Promise<void> {
  const all = (await client.ask('agents', { cwd })).map(({ name }) => name);
  if (all.includes(wanted)) return;
  const text = `There is no agent "${wanted}". There are: ${all.join(', ')}.`;
  throw new SkeinError('not_found', text, { see: 'skein agent ls' });
}

async function textOf(words: readonly string[]): Promise<string> {
  const text =
    words.length === 1 && words[0] === '-' ? (await readStdin(MOST_READ)).toString() : words.join(' ');
  if (text.trim() !== '') return text;
  throw new SkeinError('bad_request', "Say what is to be done: skein task add '…'", {
    see: 'skein task --help',
  });
}
