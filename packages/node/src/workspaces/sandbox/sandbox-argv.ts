/** The command that runs a program in its sandbox, made when it starts, from what its run holds then (rule W4). */
import { SkeinError } from '@skein/protocol/errors';
import { pairsOf } from '@skein/protocol/keyed';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { checkBubblewrap, sandboxed } from './bubblewrap.ts';
import { keptOf, ownPlaces } from './places.ts';
import { writableOf } from './writable.ts';

interface Boxed {
  run: string;
  argv: readonly string[];
  cwd: string;
  /** The tree that the workspace is a worktree of. */
  base?: string | undefined;
}

/** Throws `sandbox_unavailable`, `not_found`, `not_allowed`, `too_large`, and `gone` when its workspace is. */
export function sandboxArgv(
  state: WorkspaceState,
  { run, argv, cwd, base }: Boxed,
  env: Record<string, string>,
  skein: string,
): string[] {
  if (state.life !== 'ready')
    throw new SkeinError('gone', `Workspace "${state.name}" was removed before the program began.`);
  checkBubblewrap(env);
  const globs: string[] = [];
  for (const [, { holder, globs: own, implicit }] of pairsOf(state.claims))
    if (holder.kind === 'run' && holder.run === run && !implicit) globs.push(...own);
  const { root, folds } = state;
  const writable = writableOf(root, globs, folds);
  return sandboxed(argv, { root, writable, cwd, skein, own: ownPlaces(env.HOME), kept: keptOf(root, base) });
}
