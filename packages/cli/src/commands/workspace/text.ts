/** Workspaces as text for people. */
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { age, visible } from '@skein/protocol/text/words';
import type { ListedClaim, ListedWorkspace, WorkspaceShown } from '@skein/protocol/workspaces/asks';
import type { Source } from '@skein/protocol/workspaces/commands';

/** Claims, conflicts and landings that are shown of many. */
const SHOWN = 10;

export function workspacesTable(all: readonly ListedWorkspace[], paint: Paint, now: number): string {
  const head = ['NAME', 'KIND', 'STATE', 'RUNS', 'CLAIMS', 'AGE', 'WHERE'];
  const names = new Map(all.map(({ id, name }) => [id, name]));
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  for (const { name, kind, life, runs, claims, created, root, of } of all)
    rows.push([
      { text: visible(name), paint: paint.bold },
      { text: of === null ? kind : `${kind} of ${visible(names.get(of) ?? of)}` },
      { text: life, paint: lifePaint(life, paint) },
      { text: runs === 0 ? '-' : String(runs) },
      { text: claims === 0 ? '-' : String(claims) },
      { text: age(now - created) },
      { text: visible(root), paint: paint.dim },
    ]);
  return table(rows);
}

function lifePaint(life: ListedWorkspace['life'], paint: Paint): (text: string) => string {
  if (life === 'ready') return paint.green;
  return life === 'failed' ? paint.red : paint.yellow;
}

export function shownText(shown: WorkspaceShown, paint: Paint, now: number): string {
  const { name, life, root, source, git, strict, keep, setup, teardown, why, doing, inside } = shown;
  const line = (head: string, text: string): Cell[] => [{ text: head, paint: paint.dim }, { text }];
  const lines = [
    line('workspace', `${visible(name)} (${shown.id})`),
    line('state', doing === null ? life : `${life}: ${visible(doing)}`),
    ...(why === null ? [] : [line('why', visible(why))]),
    line('from', sourceText(source)),
    line('root', visible(root)),
    ...(shown.brought === undefined ? [] : [line('brought', broughtText(shown.brought, now))]),
    ...(git === null ? [] : [line('git', gitText(git))]),
    line('claims', strict ? 'a write needs one that was asked for' : 'the first write takes one'),
    ...(keep === 'last' ? [line('keep', 'until the last run in it has ended')] : []),
    ...(setup === null ? [] : [line('setup', visible(setup.command))]),
    ...(teardown === null ? [] : [line('teardown', visible(teardown.command))]),
    ...(shown.watched.on || shown.watched.why === null
      ? []
      : [line('watched', visible(`no: ${shown.watched.why}`))]),
    ...inside.map((run, n) =>
      line(
        n === 0 ? 'inside' : '',
        `${visible(run.name)}: files ${run.strength.files}, shell ${run.strength.shell}`,
      ),
    ),
    ...some(shown.held, (claim) => heldText(claim, now)).map((text, n) => line(n === 0 ? 'held' : '', text)),
    ...some(shown.conflicts.toReversed(), ({ path, what, holder }) =>
      visible(`${what} ${path}, which ${holder.name} holds`),
    ).map((text, n) => line(n === 0 ? 'conflicts' : '', text)),
    ...some(shown.landings.toReversed(), ({ branch, onto, state, message }) =>
      visible(`${branch} onto ${onto}: ${state}${message === null ? '' : `, ${message}`}`),
    ).map((text, n) => line(n === 0 ? 'landings' : '', text)),
  ];
  return table(lines);
}

function some<T>(all: readonly T[], text: (one: T) => string): string[] {
  const more = all.length > SHOWN ? [`and ${all.length - SHOWN} more`] : [];
  return [...all.slice(0, SHOWN).map(text), ...more];
}

function heldText({ globs, holder, implicit, until }: ListedClaim, now: number): string {
  const how = implicit ? ', by writing' : '';
  const left = until === null || holder.kind === 'run' ? '' : `, for ${age(Math.max(0, until - now))}`;
  return `${globs.map(visible).join(' ')}: ${visible(holder.name)}${how}${left}`;
}

function broughtText({ node, at, doing, left }: NonNullable<WorkspaceShown['brought']>, now: number): string {
  const more = [
    ...(doing === null ? [] : [`in the middle of a ${doing}`]),
    ...(left.length === 0 ? [] : [`without ${left.slice(0, 3).join(', ')}, repositories of their own`]),
  ];
  return visible([`from ${node}, as it was ${age(Math.max(0, now - at))} ago`, ...more].join(', '));
}

function gitText({ branch, head }: { branch: string | null; head: string | null }): string {
  const at = head === null ? 'no commit yet' : head.slice(0, 12);
  return branch === null ? at : `${visible(branch)} at ${at}`;
}

function sourceText(source: Source): string {
  switch (source.kind) {
    case 'git': {
      const ref = source.ref === undefined ? '' : ` at ${source.ref}`;
      return visible(`${source.url}${ref}${source.depth === undefined ? '' : `, ${source.depth} deep`}`);
    }
    case 'local':
      return 'a directory of yours, which is never touched';
    case 'scratch':
      return 'scratch';
    case 'worktree':
      return `a worktree${source.branch === undefined ? '' : ` on ${visible(source.branch)}`} of ${source.of}`;
    case 'handed':
      return visible(`handed over by ${source.node}, for an agent of its own`);
  }
}
