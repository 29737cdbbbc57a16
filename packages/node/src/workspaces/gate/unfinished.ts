/** Calls that an earlier node let through, and whose end nobody will tell (rule W2): their run or its turn is over, so they are. */
import fs from 'node:fs';
import path from 'node:path';
import type { SessionState } from '@skein/protocol/sessions/state';
import { parsePattern } from '@skein/protocol/workspaces/patterns';
import type { Call, RunIn, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { KernelApi } from '../../kernel/types.ts';
import { isBeside } from './node-files.ts';

type Kernel = Pick<KernelApi, 'head' | 'state'>;

/** Ends those of one workspace, by `end`; says how many. What was half written for them is removed. */
export async function endUnfinished(
  kernel: Kernel,
  state: WorkspaceState,
  end: (run: string, call: string) => Promise<void>,
): Promise<number> {
  let ended = 0;
  for (const run of Object.values(state.runs)) {
    const calls = Object.entries(run.calls);
    if (calls.length === 0) continue;
    const over = await isOver(kernel, run);
    for (const [call, { paths }] of calls) {
      removeHalves(state.root, paths);
      if (!over) continue;
      await end(run.run, call);
      ended += 1;
    }
  }
  return ended;
}

/** Whether the run cannot be in the middle of a call: it has ended, or it is no turn of its agent's. */
async function isOver(kernel: Kernel, { run, session, agent }: RunIn): Promise<boolean> {
  const stream = `session/${session}`;
  if (kernel.head(stream) === undefined) return true;
  const { state } = await kernel.state<SessionState>(stream);
  if (agent === null)
    return state.run?.run !== run || (state.run.state !== 'running' && state.run.state !== 'starting');
  const found = Object.hasOwn(state.agents, agent) ? state.agents[agent] : undefined;
  return found?.run?.run !== run || found.run.ended || found.turn === null;
}

function removeHalves(root: string, patterns: Call['paths']): void {
  const dirs = new Set(
    patterns.map((one) => path.dirname(path.join(root, parsePattern(one).segments.join('/')))),
  );
  for (const dir of dirs) {
    try {
      for (const name of fs.readdirSync(dir))
        if (isBeside(name)) fs.rmSync(path.join(dir, name), { force: true });
    } catch {
      // No such directory any more.
    }
  }
}
