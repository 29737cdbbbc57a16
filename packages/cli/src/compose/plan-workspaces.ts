/** What is to be done about a workspace of a compose file (rules B1, B3). Pure. */
import type { Action } from './action.ts';
import { changedWords, type Draft } from './draft.ts';
import type { Node } from './order.ts';
import { changedFields, ofProject } from './present.ts';

export function planWorkspace(draft: Draft, { name: part, id }: Node): void {
  const wanted = draft.wanted.workspaces[part];
  if (wanted === undefined) return;
  const what = `workspace ${part}`;
  const make: Action = { do: 'workspace.make', sign: '+', what, why: wanted.source.kind, part };
  const here = ofProject(draft.present.workspaces, draft.wanted.project).find(
    (one) => one.label?.part === part,
  );
  if (here === undefined) {
    checkFree(draft, part);
    draft.makes.push(make);
    return;
  }
  const changed = changedFields(here.label?.fields ?? {}, wanted.fields);
  const base = wanted.source.kind === 'worktree' && draft.anew.has(`workspace ${wanted.source.base}`);
  const broken = here.life === 'failed' || here.life === 'removing';
  if (changed.length === 0 && !base && !broken) {
    if (here.life === 'preparing')
      draft.makes.push({ do: 'workspace.await', sign: '~', what, why: 'is being made', part });
    return;
  }
  const why =
    changed.length > 0
      ? changedWords(changed)
      : base
        ? 'what it is a worktree of is made anew'
        : `it is ${here.life}`;
  if (!broken && !base && !draft.options.restart)
    return draft.hold('~', what, `${why}: made anew`, 'restart');
  draft.anew.add(id);
  draft.ends.push({ do: 'workspace.remove', sign: '-', what, why, part, id: here.id });
  draft.makes.push({ ...make, why: 'made anew' });
}

/** What a workspace is to be called, or lies in, is not somebody else's. */
function checkFree(draft: Draft, part: string): void {
  const wanted = draft.wanted.workspaces[part];
  const field = ['workspaces', part];
  const { source } = wanted ?? {};
  for (const { name, root } of draft.present.workspaces) {
    if (name === part)
      draft.conflict(
        field,
        `there is a workspace "${name}" that this file has not made; call this one otherwise, or remove it: skein workspace rm ${name}`,
      );
    else if (source?.kind === 'local' && source.dir === root)
      draft.conflict(
        [...field, 'local'],
        `that directory is workspace "${name}" already, which this file has not made`,
      );
  }
}
