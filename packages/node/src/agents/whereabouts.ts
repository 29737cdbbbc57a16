/** In which workspace an agent works that is about to be started (rule W5): that which it was put into, or the one that its directory lies in. */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import type { PlacedIn } from '@skein/protocol/workspaces/placed';
import { type Workspaces, workspaceAt } from '../workspaces/service.ts';
import type { StartAgent } from './effects-wanted.ts';

/** Waits until its workspace is there. Throws `agent_start_failed` when that has failed or gone. */
export async function untilPrepared(
  workspaces: Workspaces,
  { workspace }: StartAgent,
  aborted: AbortSignal,
): Promise<PlacedIn | undefined> {
  if (workspace === undefined) return undefined;
  const { life, id, name, root, why } = await workspaces.until(
    workspace,
    (state) => state.life !== 'preparing',
    aborted,
  );
  if (life === 'ready') return { id, name, root };
  if (aborted.aborted) throw new SkeinError('node_unreachable', 'The node is going down.');
  const message =
    life === 'failed'
      ? `Its workspace "${name}" could not be made: ${why}`
      : 'The workspace that it works in is not there any more.';
  throw new SkeinError('agent_start_failed', message.slice(0, 900), { workspace });
}

/** The workspace that a directory lies in, wherever its links lead. */
export async function workspaceOfDirectory(
  workspaces: Workspaces,
  cwd: string,
): Promise<PlacedIn | undefined> {
  const all = await workspaces.list();
  const ready = all.filter(({ life }) => life === 'ready');
  if (ready.length === 0) return undefined;
  try {
    const found = workspaceAt(ready, fs.realpathSync(cwd));
    return found && { id: found.id, name: found.name, root: found.root };
  } catch {
    // One that is not there is refused as that when the program is checked.
    return undefined;
  }
}
