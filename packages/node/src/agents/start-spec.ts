/** What a run's driver is started with, from what the session knows of its agent (rule A6). Pure. */
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { StartSpec } from '../drivers/driver.ts';
import { guardedSpec, wayOf } from './guard/way.ts';
import { toolsScript } from './tools-script.ts';

export function specOf(
  agent: AgentState,
  home: string,
  version: string,
  options: Record<string, unknown> | undefined = agent.run?.options,
): StartSpec {
  const { cwd, run, sessionCost } = agent;
  if (run === null) throw new SkeinError('internal', 'An agent without a run cannot be started.');
  const { resume, known, mode, model } = run;
  const cost =
    sessionCost !== undefined && sessionCost.session === resume ? { cost: sessionCost.amount } : {};
  const way =
    run.driver === undefined || (agent.workspace ?? null) === null ? 'none' : wayOf(run.driver, options);
  return {
    ...{ run: run.run, cwd, client: { name: 'skein', version } },
    ...(resume === null ? {} : { resume: { session: resume, history: known ? 'known' : 'tell', ...cost } }),
    ...(mode === undefined ? {} : { mode }),
    ...(model === undefined ? {} : { model }),
    ...(options === undefined ? {} : { options }),
    ...guardedSpec(way),
    ...(agent.direct ? { tools: toolsScript(home, run.run) } : {}),
  };
}
