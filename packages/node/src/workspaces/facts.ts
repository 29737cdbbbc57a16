/** What the node adds to commands about workspaces: where on its disk they lie. */
import fs from 'node:fs';
import path from 'node:path';
import type { NodeCommands } from '@skein/protocol/sessions/commands';
import type { Command } from '../kernel/types.ts';
import { realDirectory } from '../platform/real-path.ts';
import type { WorkspaceFacts } from './create.ts';
import type { PlaceFacts } from './place.ts';

/** Where the workspaces lie that the node has made. */
export const workspacesDir = (home: string): string => path.join(home, 'workspaces');

export function workspaceFacts(
  home: string,
  { target, type, body }: Command,
): WorkspaceFacts | PlaceFacts | undefined {
  if (type === 'agent.add' || type === 'session.open')
    return { workspaces: workspacesDir(fs.realpathSync(home)) };
  if (target !== 'node' || type !== 'workspace.create') return undefined;
  const { id, source } = (body ?? {}) as Partial<NodeCommands['workspace.create']>;
  if (source?.kind === 'local') return { root: realDirectory(source.dir) };
  return { root: path.join(workspacesDir(fs.realpathSync(home)), String(id)) };
}
