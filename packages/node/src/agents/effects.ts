/** What decisions about agents do to the world (rules A3, H4, K4): their processes started and ended, what is kept of them removed. */
import fs from 'node:fs';
import path from 'node:path';
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import { within } from '@skein/protocol/tools/capability';
import { type Hooked, settingsArgs, writeSettings } from '../hooks/claude-settings.ts';
import { theirSettings } from '../hooks/their-settings.ts';
import { runDir } from '../host/run-files.ts';
import { resumeStart, startIn } from '../hosts/starting.ts';
import type { EffectsContext } from '../sessions/effects.ts';
import { checkProgram } from '../sessions/program.ts';
import { capabilityEnvironment, makeToken, tokenKept } from '../tools/capabilities.ts';
import { workspaceEnvironment } from '../workspaces/environment.ts';
import type { Workspaces } from '../workspaces/service.ts';
import { type Launch, launchOf, withDefaults } from './definitions/launch.ts';
import { loadDefinitions } from './definitions/load.ts';
import {
  type AgentStarted,
  CLEAR_AGENT,
  type ClearAgent,
  START_AGENT,
  STOP_AGENT,
  type StartAgent,
  type StopAgent,
} from './effects-wanted.ts';
import type { AgentEnvironments } from './environments.ts';
import { strengthOf, wayOf } from './guard/way.ts';
import { specOf } from './start-spec.ts';
import { writeToolsScript } from './tools-script.ts';
import { untilPrepared, workspaceOfDirectory } from './whereabouts.ts';

export interface AgentEffectsContext extends EffectsContext {
  version: string;
  environments: AgentEnvironments;
  workspaces: Workspaces;
}

/** Registers the effects that decisions about agents ask for. Called once, before the kernel starts. */
export function registerAgentEffects(context: AgentEffectsContext): void {
  const { kernel } = context;
  kernel.registerEffect({
    kind: START_AGENT,
    idempotent: true,
    run: (body, { resumed, signal }) => startAgent(context, body as StartAgent, resumed, signal),
  });
  kernel.registerEffect({
    kind: STOP_AGENT,
    idempotent: true,
    run: (body, { signal }) => stopAgent(context, body as StopAgent, signal),
  });
  kernel.registerEffect({
    kind: CLEAR_AGENT,
    idempotent: true,
    run: async (body) => clearAgent(context, body as ClearAgent),
  });
}

/** Starts a process once, whatever is killed in between (H4). */
async function startAgent(
  context: AgentEffectsContext,
  wanted: StartAgent,
  resumed: boolean,
  aborted: AbortSignal,
): Promise<AgentStarted> {
  const { hosts, home, sessions, version } = context;
  const { session, agent, run } = wanted;
  // Before anything can fail: the session's terminal has the new run already, and nobody would find what the old one left.
  if (wanted.before !== undefined) clearOutput(home, wanted.before);
  const known = (await sessions.session(session)).agents[agent];
  const meant = known?.run?.run === run;
  takeOver(context, wanted, meant);
  if (!meant) throw new SkeinError('gone', 'This agent is not to be started any more.');
  const bound = await untilPrepared(context.workspaces, wanted, aborted);
  const { resolveDefinition } = await loadDefinitions();
  const { definition } = resolveDefinition(wanted.definition, { home, cwd: wanted.cwd });
  const workspace =
    bound ??
    (await workspaceOfDirectory(context.workspaces, path.resolve(wanted.cwd, definition.cwd ?? '.')));
  const direct = known.direct ? within(known.direct, definition.direct) : null;
  const there: AgentState = { ...known, workspace: workspace ?? null, direct };
  const start = withDefaults(definition, specOf(there, home, version));
  const { pty } = wanted;
  const wish = { start, args: wanted.args, pty: pty !== undefined };
  const launch = launchOf(definition, wish, environmentFor(context, agent, known.above));
  const { driver, options, stuckAfter, restart, cwd } = launch;
  const hooked = hooksOf(there, driver, options);
  const theirs = hooked === undefined ? undefined : theirSettings(launch.argv, cwd);
  const argv = theirs === undefined ? launch.argv : [...theirs.argv, ...settingsArgs(home, run)];
  const { mode, model } = start;
  const told = {
    ...{ driver, argv, stuckAfter, restart },
    ...(workspace === undefined
      ? {}
      : { workspace, strength: strengthOf(wayOf(driver, options), cwd, workspace.root) }),
    ...(options === undefined ? {} : { options }),
    ...(mode === undefined ? {} : { mode }),
    ...(model === undefined ? {} : { model }),
    ...(definition.direct === undefined || !known.direct ? {} : { direct }),
  };
  if (resumed) {
    const held = await resumeStart(hosts, home, run);
    if (held !== undefined) return { ...held, ...told, ...tokenOf(direct && tokenKept(home, run)) };
  }
  checkProgram(argv, cwd, launch.env.PATH ?? '');
  const host = await hosts.place(run, pty === undefined ? 'pipe' : 'pty');
  try {
    const where = workspace === undefined ? {} : workspaceEnvironment(home, workspace.id);
    const token = direct === null ? undefined : makeToken(home, session, run);
    const tools = token === undefined ? {} : capabilityEnvironment(home, run);
    if (token !== undefined) writeToolsScript(home, run, host.id);
    const env = { ...launch.env, SKEIN_SESSION: session, SKEIN_AGENT: agent, ...where, ...tools };
    const program = { run, argv, cwd, env: pty === undefined ? env : { ...env, SKEIN_HOME: home } };
    if (hooked !== undefined) writeSettings(home, run, host.id, hooked, theirs?.settings ?? {});
    const size = pty ?? { cols: 80, rows: 24 };
    const started = await startIn(hosts, home, host, {
      ...program,
      ...size,
      ...(pty === undefined ? { kind: 'pipe' } : {}),
    });
    if (pty !== undefined) sessions.setPresence(run, { attached: 0, ...size });
    return { ...started, ...told, ...tokenOf(token) };
  } catch (error) {
    await hosts.release(host.id, run);
    throw error;
  }
}

function tokenOf(token: string | null | undefined): Pick<AgentStarted, 'token'> {
  return token ? { token } : {};
}

/** The hooks that it is to run; undefined for none. */
function hooksOf(agent: AgentState, driver: string, options: Launch['options']): Hooked | undefined {
  if (wayOf(driver, options) !== 'hooks') return undefined;
  const hooked = { reports: driver === 'pty', asks: (agent.workspace ?? null) !== null };
  return hooked.reports || hooked.asks ? hooked : undefined;
}

/** Asks a process to end, and ends it when it has not by the end of its grace. */
async function stopAgent(
  { hosts, sessions }: AgentEffectsContext,
  { session, agent, run, host, grace }: StopAgent,
  aborted: AbortSignal,
): Promise<unknown> {
  const link = hosts.get(host);
  await link.request('signal', { run, signal: 'SIGTERM' });
  const ended = (state: SessionState) => {
    const now = state.agents[agent]?.run;
    return now?.run !== run || now.ended;
  };
  const limit = AbortSignal.any([AbortSignal.timeout(grace), aborted]);
  if (ended(await sessions.until(session, ended, limit))) return { killed: false };
  if (aborted.aborted) throw new SkeinError('node_unreachable', 'The node is going down.');
  await link.request('signal', { run, signal: 'SIGKILL' });
  return { killed: true };
}

/** What was handed over for an agent becomes its own, before anything can fail: it is nowhere else then. */
function takeOver(
  { sessions, environments }: AgentEffectsContext,
  { agent, env }: StartAgent,
  meant: boolean,
): void {
  if (env === null) return;
  if (meant && environments.take(agent) === undefined)
    environments.keep(agent, sessions.environments.take(env));
  sessions.environments.drop(env);
}

/** What it was given when it was added; where that was nothing, the node's own. */
function environmentFor(
  { environments }: AgentEffectsContext,
  agent: string,
  above: readonly string[] = [],
): Record<string, string> {
  const kept = environments.take(agent);
  if (kept !== undefined) return kept;
  // One that an agent has started has what that had, from its first start on.
  for (const one of above) {
    const theirs = environments.take(one);
    if (theirs === undefined) continue;
    environments.keep(agent, theirs);
    return theirs;
  }
  return Object.fromEntries(
    Object.entries(process.env).filter((one): one is [string, string] => one[1] !== undefined),
  );
}

function clearAgent({ home, environments }: AgentEffectsContext, { agent, run }: ClearAgent): unknown {
  environments.drop(agent);
  if (run !== null) clearOutput(home, run);
  return {};
}

/** All that is on disk of a run. */
function clearOutput(home: string, run: string): void {
  fs.rmSync(runDir(home, run), { recursive: true, force: true });
}
