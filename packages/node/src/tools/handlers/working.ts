/** The tools for an agent's own work among others: claims, and its result (rules N1, W1). */
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import { type Task, taskOf } from '@skein/protocol/tasks/state';
import { wrong } from '../answers.ts';
import type { ToolRun } from '../tool-run.ts';
import type { ToolHandlers } from './handler.ts';

/** Milliseconds between two signs that a claim is still waited for. */
const SIGN_MS = 10_000;

export const workingHandlers: ToolHandlers<'claim' | 'release' | 'report'> = {
  async claim({ paths, wait, timeout }, run) {
    const { workspace, holder } = await placeOf(run);
    const claim = run.id('claim');
    const body = { claim, globs: paths, wait, ...holder };
    const reply = (await run
      .command('claim', `workspace/${workspace}`, 'claim.take', body)
      .catch(ofPaths)) as {
      claim: string;
      fence: number | null;
      before: number;
      globs: string[];
    };
    if (reply.fence !== null)
      return {
        text: `You hold ${reply.globs.join(', ')} until you release it or end.`,
        data: { claim: reply.claim, held: true, before: 0, paths: reply.globs },
      };
    const end = performance.now() + timeout * 1_000;
    for (;;) {
      const left = end - performance.now();
      const wanted = { workspace, claim, wait: Math.round(Math.max(0, Math.min(left, SIGN_MS))) };
      const now = await run.ask('awaited', wanted);
      const held = now !== null && now.fence !== null;
      if (now === null)
        throw new SkeinError('claim_missing', 'The claim will not be had: it was dropped. Claim it anew.');
      if (held || left <= 0 || run.aborted.aborted)
        return {
          text: held
            ? `You hold ${now.globs.join(', ')} until you release it or end.`
            : `Others hold it still; ${now.before} wait before you. Call again to go on waiting.`,
          data: { claim, held, before: now.before, paths: now.globs },
        };
    }
  },

  async release({ paths }, run) {
    const { workspace, holder } = await placeOf(run);
    const body = { ...(paths === undefined ? {} : { globs: paths }), ...holder };
    const reply = await run
      .command('release', `workspace/${workspace}`, 'claim.release', body)
      .catch(ofPaths);
    const { released } = reply as { released: string[] };
    const text =
      released.length === 0 ? 'You held nothing of that.' : `${released.length} claims are released.`;
    return { text, data: { released } };
  },

  async report({ text, ok, task: named, data }, run) {
    if (run.me === null)
      throw new SkeinError('not_allowed', 'Only an agent reports: a person has nobody to report to.');
    const more = data === undefined ? {} : { data };
    const state = await run.state();
    const task = named === undefined ? taskOf(state, run.me) : taskNamed(state, named);
    if (task !== undefined) {
      await run.toSession('report', 'task.report', { task: task.task, ok, text, ...more });
      return { text: `It is the result of task ${task.n}.`, data: { to: `task ${task.n}` } };
    }
    const prompt = run.id('prompt');
    const body = { prompt, ok, text, ...more };
    const told = (await run.toSession('report', 'agent.report', body)) as {
      to: string | null;
      limit?: number;
    };
    const to = told.to ?? 'the session';
    if (told.limit !== undefined)
      return {
        text: `It is kept until ${to} asks for it by "wait", or ends a turn later: you have given others ${told.limit} prompts and reports within a minute, and that is the limit ("prompts").`,
        data: { to },
      };
    return { text: `It is told ${told.to ?? 'the people of your session'}.`, data: { to } };
  },
};

/** By its number or its id. */
function taskNamed({ tasks }: SessionState, named: string): Task {
  const all = Object.values(tasks);
  const found = all.find(({ task, n }) => task === named || String(n) === named.replace(/^#|^task /, ''));
  if (found !== undefined) return found;
  throw wrong('task', `"task": there is no task "${named}". Leave it out for the one that you work on.`);
}

/** Where the caller works, and as whom it claims there; a person claims for themselves in the workspace of the session. */
async function placeOf(run: ToolRun): Promise<{ workspace: string; holder: { for?: { run: string } } }> {
  const state = await run.state();
  const me = run.mine(state);
  const workspace = (me ?? state).workspace?.id;
  if (workspace === undefined)
    throw new SkeinError(
      'bad_request',
      'You work in no workspace: there is nothing to claim, and nobody keeps you from writing.',
    );
  return { workspace, holder: me?.run ? { for: { run: me.run.run } } : {} };
}

/** What is wrong with a pattern is wrong with the paths. */
function ofPaths(thrown: unknown): never {
  const error = SkeinError.from(thrown);
  if (error.code === 'bad_request')
    throw wrong('paths', `"paths" is not right: ${error.message}`, 'bad_request');
  throw error;
}
