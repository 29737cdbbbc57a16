/** The tool that starts an agent (rules N1, N2). */
import type { AgentSpec } from '@skein/protocol/agents/commands';
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import { nearest } from '../../actors/nearest.ts';
import { wrong } from '../answers.ts';
import type { ToolRun } from '../tool-run.ts';
import { left, queue } from './directing.ts';
import type { ToolHandlers } from './handler.ts';

type Input = Parameters<ToolHandlers<'spawn'>['spawn']>[0];

export const spawnHandlers: ToolHandlers<'spawn'> = {
  async spawn(input, run) {
    const agent = run.id('agent');
    const before = await run.state();
    // The same call again, of which the answer was lost: what it made may be another by now, and is not made again.
    if (!Object.hasOwn(before.agents, agent)) {
      if (input.on === undefined) await checkDefinition(input, before, run);
      const spec = { ...(await specOf(input, before, run)), agent, run: run.id('run') };
      await run.toSession('add', 'agent.add', spec).catch(named);
    }
    const prompt = input.prompt === undefined ? null : await given(run, agent, input.prompt);
    const name = (await run.state()).agents[agent]?.name ?? agent;
    const more = await left(run);
    const words = [
      `${name} is being started${input.on === undefined ? '' : ` on ${input.on}`}.`,
      prompt === null
        ? 'Use "prompt" to give it something to do.'
        : 'Use "wait" to learn when it has finished.',
      ...(more === null ? [] : [`You may start ${more} more.`]),
    ];
    return { text: words.join(' '), data: { agent, name, prompt, left: more } };
  },
};

/** One that has ended before it was given anything says why. */
async function given(run: ToolRun, agent: string, text: string): Promise<string> {
  try {
    return (await queue(run, agent, text)).prompt;
  } catch (error) {
    const why = (await run.state()).agents[agent]?.why;
    if (!why || SkeinError.from(error).code !== 'not_running') throw error;
    throw new SkeinError('agent_start_failed', `It could not be started: ${why}`);
  }
}

async function specOf(
  { definition, name, on, workspace, worktree, dir, mode, model }: Input,
  state: SessionState,
  run: ToolRun,
): Promise<Omit<AgentSpec, 'agent' | 'run'>> {
  const me = run.mine(state);
  const said = { definition, ...defined({ name, mode, model, worktree }) };
  if (on !== undefined) {
    const peer = await machine(run, on);
    if (dir !== undefined) return { ...said, on: peer, there: { dir } };
    const base = await baseOf(run, me, workspace);
    return base === undefined
      ? { ...said, on: peer, there: { scratch: true } }
      : { ...said, on: peer, workspace: base.id };
  }
  const base = await baseOf(run, me, workspace);
  const cwd = dir ?? (base === undefined ? run.cwd(state) : undefined);
  return { ...said, ...(base === undefined ? {} : { workspace: base.id }), ...defined({ cwd }) };
}

/** The workspace that is named; else the one that the caller works in, where that is a worktree the one it is of. */
async function baseOf(
  run: ToolRun,
  me: AgentState | undefined,
  wanted: string | undefined,
): Promise<{ id: string } | undefined> {
  const { workspaces } = run.parts;
  const all = await workspaces.list();
  const own = all.find(({ id }) => id === me?.workspace?.id);
  const mine = own === undefined ? undefined : (all.find(({ id }) => id === own.of) ?? own);
  if (wanted === undefined) return mine;
  // An agent is of its session: of other workspaces it has nothing to know.
  const state = await run.state();
  const near = new Set([
    mine?.id,
    own?.id,
    state.workspace?.id,
    ...Object.values(state.agents).map((one) => one.workspace?.id),
  ]);
  const known = run.me === null ? all : all.filter(({ id }) => near.has(id));
  const found = known.find(({ id, name }) => id === wanted || name === wanted);
  if (found !== undefined) return found;
  const names = known
    .map(({ name }) => name)
    .slice(0, 10)
    .join(', ');
  throw wrong(
    'workspace',
    `"workspace": there is none called "${wanted}" for you. ${names === '' ? 'Leave it out.' : `There are: ${names}.`}`,
  );
}

async function machine(run: ToolRun, on: string): Promise<string> {
  const nodes = (await run.ask('nodes', {})).filter(({ blocked }) => !blocked);
  const found = nodes.find(({ name, peer }) => name === on || peer === on);
  if (found !== undefined) return found.peer;
  const near = nearest(nodes, on, ({ name }) => name);
  const names = (near.length > 0 ? near : nodes)
    .map(({ name }) => name)
    .filter(Boolean)
    .slice(0, 10)
    .join(', ');
  throw wrong(
    'on',
    `"on": no machine "${on}" is known. ${names === '' ? 'There are none.' : `There are: ${names}.`}`,
  );
}

async function checkDefinition({ definition }: Input, state: SessionState, run: ToolRun): Promise<void> {
  const all = await run.ask('agents', { cwd: run.cwd(state) });
  if (all.some(({ name }) => name === definition)) return;
  const near = nearest(all, definition, ({ name }) => name);
  const names = (near.length > 0 ? near : all)
    .map(({ name }) => name)
    .slice(0, 10)
    .join(', ');
  throw wrong(
    'definition',
    `"definition": there is no agent "${definition}". ${near.length > 0 ? 'Near' : 'There are'}: ${names}.`,
  );
}

/** What the session refuses of a field, said as of the tool's. */
function named(thrown: unknown): never {
  const error = SkeinError.from(thrown);
  if (error.code === 'name_taken') throw wrong('name', `"name": ${error.message}`, 'name_taken');
  if (error.code === 'bad_cwd') throw wrong('dir', `"dir": ${error.message}`, 'bad_cwd');
  throw error;
}

function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
