/** What decisions about tasks do to the world: an agent started for one, a check of what came of it (rules N3, K4). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentSpec } from '@skein/protocol/agents/commands';
import { SkeinError } from '@skein/protocol/errors';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Task } from '@skein/protocol/tasks/state';
import type { Command, KernelApi, Reply } from '../kernel/types.ts';
import { endMarked, runGroup } from '../platform/group.ts';
import type { Sessions } from '../sessions/service.ts';
import { plainEnvironment } from '../workspaces/plain-environment.ts';
import { type Checked, TASK_AGENT, TASK_CHECK, type TaskEffect } from './decide.ts';

/** Milliseconds for a check; bytes of what it prints that are kept. */
const CHECK_MS = 30 * 60_000;
const CHECK_BYTES = 4_000;
/** In the environment of a check: what a killed node has left running of it is found by that. */
const MARK = 'SKEIN_TASK_CHECK';
/** Milliseconds until a session that could not be read is looked at again. */
const AGAIN_MS = 1_000;

interface TaskEffectsContext {
  kernel: Pick<KernelApi, 'registerEffect' | 'ack'>;
  sessions: Sessions;
  /** A command as if a client had given it, with all that the node adds. */
  execute(by: unknown, command: Command): Promise<Reply>;
}

/** Registers both. Called once, before the kernel starts. */
export function registerTaskEffects(context: TaskEffectsContext): void {
  context.kernel.registerEffect({
    kind: TASK_AGENT,
    idempotent: true,
    run: (body) => startFor(context, body as TaskEffect),
  });
  context.kernel.registerEffect({
    kind: TASK_CHECK,
    idempotent: true,
    run: (body, { signal, resumed }) => check(context, body as TaskEffect, resumed, signal),
  });
}

/** The agent is added as whoever added the task could have done it; it has the attempt's ids, so that it is there once. */
async function startFor(
  { kernel, sessions, execute }: TaskEffectsContext,
  what: TaskEffect,
): Promise<unknown> {
  const found = await attemptOf(sessions, what);
  if (found === undefined) return {};
  const { state, task } = found;
  const { given, definition, on, workspace } = task;
  if (given === null || given.run === null || definition === null) return {};
  const { agent, run } = given;
  if (Object.hasOwn(state.agents, agent)) return {};
  const spec: AgentSpec = {
    ...{ agent, run, definition },
    ...(on === null ? {} : { on }),
    ...(workspace === null ? {} : { workspace }),
  };
  const id = { client: `task-${agent}`, seq: 1 };
  const target = `session/${what.session}`;
  const reply = await execute(task.by ?? LOCAL_OWNER, { id, target, type: 'agent.add', body: spec });
  kernel.ack(id.client, id.seq);
  if (!reply.ok) throw SkeinError.fromBody(reply.error);
  return {};
}

/** Where the agent works, as long as anybody waits for it; twice is the same as once, as with any check. */
async function check(
  { sessions }: TaskEffectsContext,
  what: TaskEffect,
  resumed: boolean,
  signal: AbortSignal,
): Promise<Checked> {
  const mark = `${what.task}.${what.attempt}`;
  // Else the two would be at work in one directory, and nobody would end the first.
  if (resumed) await endMarked(MARK, mark);
  const found = await attemptOf(sessions, what);
  if (found === undefined || found.task.check === null)
    throw new SkeinError('gone', 'It is not wanted any more.');
  const { state, task } = found;
  const agent = state.agents[task.given?.agent ?? ''];
  if (agent === undefined) throw new SkeinError('gone', 'Its agent was removed.');
  const env = { ...plainEnvironment(), SKEIN_SESSION: state.id, SKEIN_TASK: task.task, [MARK]: mark };
  const [over, ended] = [new AbortController(), new AbortController()];
  void untilOver(sessions, what, AbortSignal.any([signal, ended.signal])).then(() => over.abort());
  const { code, why, stdout } = await runGroup(['/bin/sh', '-c', task.check ?? ''], {
    ...{ cwd: agent.cwd, env, timeout: CHECK_MS, most: CHECK_BYTES, joined: true },
    signal: AbortSignal.any([signal, over.signal]),
  }).finally(() => ended.abort());
  const how = why === 'timeout' ? 'took too long' : code === null ? 'was ended' : `ended with ${code}`;
  return { ok: why === 'exit' && code === 0, how, tail: stdout.toString('utf8').trim() };
}

async function attemptOf(
  sessions: Sessions,
  what: TaskEffect,
): Promise<{ state: SessionState; task: Task } | undefined> {
  const state = await sessions.session(what.session);
  const task = attemptIn(state, what);
  return task && { state, task };
}

/** The task, if that attempt is still its present one. */
function attemptIn({ tasks, removed }: SessionState, { task: id, attempt }: TaskEffect): Task | undefined {
  const task = Object.hasOwn(tasks, id) ? tasks[id] : undefined;
  return !removed && task?.life === 'running' && task.attempt === attempt ? task : undefined;
}

/** Resolves when nobody waits for that attempt any more, or when aborted. */
async function untilOver(sessions: Sessions, what: TaskEffect, aborted: AbortSignal): Promise<void> {
  while (!aborted.aborted) {
    try {
      await sessions.until(what.session, (state) => attemptIn(state, what) === undefined, aborted);
      return;
    } catch {
      // It is being purged, and then empty; or its log is mended, and can be read afterwards.
      await sleep(AGAIN_MS, undefined, { ref: false, signal: aborted }).catch(() => {});
    }
  }
}
