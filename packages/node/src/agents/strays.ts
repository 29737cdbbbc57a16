/**
 * What no agent has any more (rule H4): programs on pipes that a node which was killed had yet to forget, and what is left of
 * sessions that are gone. They are ended, and their hosts let go of them.
 */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { runDir } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { Log } from '../node-log.ts';
import { clearRun } from '../sessions/orphans.ts';
import type { Sessions } from '../sessions/service.ts';

/** The runs that agents have: those that are being started, run, or have not had their end recorded. */
export async function runsOfAgents(sessions: Sessions): Promise<Set<string>> {
  const runs = new Set<string>();
  for (const listed of await sessions.list()) {
    if (listed.agents.length === 0) continue;
    for (const { run, next } of Object.values((await sessions.session(listed.id)).agents)) {
      if (run !== null && !run.ended) runs.add(run.run);
      if (next !== null) runs.add(next.run);
    }
  }
  return runs;
}

/** All agents that there are, as the node's index has them, by id. */
export async function agentsKnown(sessions: Sessions): Promise<Set<string>> {
  const all = await sessions.list();
  return new Set(all.flatMap(({ agents }) => agents.map(({ agent }) => agent)));
}

/**
 * Ends and forgets what hosts hold and `wanted` does not name. It is asked after the hosts are: a run is recorded before its
 * program is started. One that still runs is killed here, and forgotten when this is called at its end.
 */
export async function endStrays(
  hosts: HostPool,
  home: string,
  wanted: () => Promise<ReadonlySet<string>>,
): Promise<void> {
  const held = await hosts.heldPipes();
  if (held.size === 0) return;
  const runs = await wanted();
  for (const [run, { host, info }] of held) {
    if (runs.has(run)) continue;
    clearRun(run, info.pid, info.start);
    if (info.exit === null) continue;
    await hosts.release(host, run);
    fs.rmSync(runDir(home, run), { recursive: true, force: true });
  }
}

/** Makes the function that ends them; what cannot be ended now is left for the next time. */
export function strayCleaner(context: {
  hosts: HostPool;
  home: string;
  sessions: Sessions;
  log: Log;
}): () => void {
  const { hosts, home, sessions, log } = context;
  return () =>
    void endStrays(hosts, home, () => runsOfAgents(sessions)).catch((error) =>
      log('warn', 'What no agent has any more is left for later.', { error: SkeinError.from(error).message }),
    );
}
