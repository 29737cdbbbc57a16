/** The tools that show what an agent has changed, and bring it in (rules N1, W5). */
import { SkeinError } from '@skein/protocol/errors';
import type { Landing } from '@skein/protocol/workspaces/state';
import { bounded, wrong } from '../answers.ts';
import { type Directing, needBelow } from '../judge.ts';
import type { ToolRun } from '../tool-run.ts';
import type { ToolHandlers } from './handler.ts';

/** Milliseconds that a check may take. */
const CHECK_MS = 600_000;

export const landingHandlers: ToolHandlers<'diff' | 'land'> = {
  async diff({ agent: ref, stat }, run) {
    const { workspace } = await treeOf(run, ref);
    const {
      branch,
      onto,
      commits,
      files,
      diff,
      cut,
      nested = [],
    } = await run.ask('changes', { workspace, stat });
    const shown = bounded(diff);
    const table = files.map(({ path, added, removed }) => `${path} +${added ?? '?'} -${removed ?? '?'}`);
    const lines = [
      onto === null ? 'Not committed:' : `On ${branch ?? 'no branch'}, against ${onto}:`,
      ...commits.map(({ hash, subject }) => `${hash.slice(0, 10)} ${subject}`),
      ...(files.length === 0 ? ['nothing has changed'] : table),
      ...nested.map((one) => `${one}: a repository of its own, which is not told here and does not land`),
      ...(stat ? [] : ['', shown.text]),
    ];
    const data = { branch, onto, commits, files, diff: shown.text, cut: cut || shown.cut };
    return { text: bounded(lines.join('\n')).text, data };
  },

  async land({ agent: ref, message, check, timeout }, run) {
    const { workspace: from, agent, name } = await treeOf(run, ref);
    const state = await run.state();
    const me = run.mine(state);
    if (me?.direct) needBelow(me as Directing, state, agent ?? '');
    const of = (await run.parts.workspaces.workspace(from)).source;
    if (of?.kind !== 'worktree')
      throw wrong(
        'agent',
        `"agent": ${name} has no worktree of its own: there is nothing to land.`,
        'bad_request',
      );
    const landing = run.id('landing');
    const body = {
      ...{ landing, from, how: 'rebase' as const },
      ...(message === undefined ? {} : { message }),
      ...(check === undefined ? {} : { check: { command: check, timeout: CHECK_MS } }),
    };
    await run.command('land', `workspace/${of.of}`, 'landing.begin', body);
    const limit = AbortSignal.any([run.aborted, AbortSignal.timeout(Math.ceil(timeout * 1_000))]);
    const find = (all: { landings: Landing[] }) => all.landings.find((one) => one.landing === landing);
    const now = find(
      await run.parts.workspaces.until(
        of.of,
        (one) => !['waiting', 'running'].includes(find(one)?.state ?? ''),
        limit,
      ),
    );
    if (now === undefined) throw new SkeinError('gone', 'Nothing is known of that landing any more.');
    const files = now.paths;
    const why = now.message === '' ? null : now.message;
    const words = `${name}: ${now.state}${why === null ? '' : `. ${why}`}${files.length > 0 && now.state !== 'landed' ? `\n${files.join('\n')}` : ''}`;
    return {
      text: bounded(words).text,
      data: { landing, state: now.state, why, commit: now.after, files: now.state === 'landed' ? [] : files },
    };
  },
};

/** The tree that an agent works in; the caller's own unless one is named. */
async function treeOf(run: ToolRun, ref: string | undefined) {
  const state = await run.state();
  const one = ref === undefined ? run.mine(state) : run.agent(state, ref);
  const workspace = (one ?? state).workspace?.id;
  const name = one?.name ?? state.name;
  if (workspace === undefined)
    throw wrong(
      'agent',
      `"agent": ${name} works in no workspace, so nothing is known of what it changed.`,
      'bad_request',
    );
  return { workspace, name, agent: one?.agent };
}
