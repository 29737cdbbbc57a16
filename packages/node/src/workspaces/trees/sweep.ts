/** After a start: what nobody will ask for any more of repositories that were on their way from or to other machines. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { KernelApi } from '../../kernel/types.ts';
import type { Log } from '../../node-log.ts';
import { namesIn } from '../making/places.ts';
import type { HandedStore } from './handed-store.ts';

/** Milliseconds for which a bundle is kept that was to be sent, or fetched: a cut may last. */
const KEEP_MS = 24 * 3_600_000;

/** Never rejects: what stays is looked at after the next start. */
export async function sweepTrees(
  { kernel, home, log }: { kernel: KernelApi; home: string; log: Log },
  handed: HandedStore,
): Promise<void> {
  try {
    await sweepHanded(kernel, handed);
    const dir = path.join(home, 'handing');
    for (const name of namesIn(dir)) {
      const stat = fs.statSync(path.join(dir, name), { throwIfNoEntry: false });
      if (stat === undefined || stat.mtimeMs + KEEP_MS > Date.now()) continue;
      fs.rmSync(path.join(dir, name), { recursive: true, force: true });
    }
  } catch (thrown) {
    const { message } = SkeinError.from(thrown);
    log('warn', 'What is left of repositories that were handed over stays.', { error: message });
  }
}

/** What other machines have handed over and nothing here is of any more. */
export async function sweepHanded(kernel: KernelApi, handed: HandedStore): Promise<void> {
  const { state } = await kernel.state<NodeState>('node');
  const used = new Set<string>();
  for (const { id, kind } of workspacesIn(state)) {
    if (kind !== 'handed') continue;
    const { source } = (await kernel.state<WorkspaceState>(`workspace/${id}`)).state;
    if (source?.kind === 'handed') used.add(`${source.home} ${source.workspace}`);
  }
  await handed.sweep(({ peer, workspace }) => used.has(`${peer} ${workspace}`));
}
