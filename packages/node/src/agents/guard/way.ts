/** How an agent in a workspace is kept from what others have claimed (rules W2, W4), by its driver and what its definition says of it. Pure. */
import type { Strength } from '@skein/protocol/workspaces/holder';

/**
 * `files`: the node writes its files. `hooks`: its own hooks ask before it writes. `asks`: it asks for permission before it
 * writes. `none`: nobody knows before.
 */
export type Way = 'files' | 'hooks' | 'asks' | 'none';

type Options = Record<string, unknown> | undefined;

export function wayOf(driver: string, options: Options): Way {
  if (driver === 'claude') return 'hooks';
  if (driver === 'codex') return 'asks';
  if (driver === 'pty') {
    const { hooks } = (options?.pty ?? {}) as { hooks?: unknown };
    return hooks === 'claude' ? 'hooks' : 'none';
  }
  // What an agent of ACP really does is not told by the protocol; its definition says it.
  if (options?.writes === 'client') return 'files';
  return options?.writes === 'asks' ? 'asks' : 'none';
}

/** How strong that is. What an agent runs in a shell is seen only afterwards, unless something else binds it. */
export function strengthOf(way: Way, cwd: string, root: string): Strength {
  // Outside of its own directory such an agent writes by itself, once it was allowed to.
  if (way === 'files') return { files: cwd === root ? 'enforced' : 'guarded', shell: 'watched' };
  return { files: way === 'none' ? 'watched' : 'guarded', shell: 'watched' };
}

/** What a driver is started with besides, in a workspace. */
export function guardedSpec(way: Way): { files?: true; asks?: true } {
  if (way === 'files') return { files: true };
  return way === 'asks' ? { asks: true } : {};
}

/** Whether everything that it reads is told as that: by requests for files, by its hooks, or by its calls. */
export const tellsReads = (driver: string, way: Way): boolean => driver !== 'codex' && way !== 'none';
