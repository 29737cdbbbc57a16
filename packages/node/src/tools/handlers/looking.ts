/** The tools that look at agents and machines (rule N1). */
import { type AgentState, doing } from '@skein/protocol/agents/state';
import { leftFor } from '@skein/protocol/tools/lineage';
import { agentNow, inWords, isAtRest } from '../agents-now.ts';
import { bounded, wrong } from '../answers.ts';
import type { ToolRun } from '../tool-run.ts';
import type { ToolHandlers } from './handler.ts';

/** Definitions that are named to a model. */
const MAX_DEFINITIONS = 32;

export const lookingHandlers: ToolHandlers<'list' | 'wait' | 'screen' | 'machines'> = {
  async list(_, run) {
    const state = await run.state();
    const me = run.mine(state);
    const direct = me?.direct;
    const you =
      me === undefined || !direct
        ? null
        : {
            ...{ agent: me.agent, name: me.name, depth: direct.depth, spawn: leftFor(state, me) },
            ...{ role: direct.role, approve: direct.approve },
          };
    const nameOf = (id: string | undefined) =>
      id === undefined ? null : (state.agents[id]?.name ?? 'one that is gone');
    const agents = Object.values(state.agents).map((one) => ({
      ...{ agent: one.agent, name: one.name, definition: one.definition, state: doing(one, state) },
      parent: nameOf(one.above?.[0]),
      machine: state.far[one.agent]?.node ?? null,
      workspace: one.workspace?.name ?? null,
      queued: one.queue.length,
    }));
    const terminal = state.run === null ? null : { state: state.run.state, program: state.argv };
    const found = await run.ask('agents', { cwd: run.cwd(state) });
    const definitions = found
      .filter((one) => one.found && one.problem === undefined && one.driver !== 'pty')
      .map(({ name }) => name)
      .slice(0, MAX_DEFINITIONS);
    const lines = [
      `Session ${state.name}.${you === null ? '' : ` You are ${you.name}; you may start ${you.spawn} more.`}`,
      ...agents.map((one) => {
        const by = one.parent === null ? '' : `, started by ${one.parent}`;
        const where = `${one.machine === null ? '' : `, on ${one.machine}`}${one.workspace === null ? '' : `, in ${one.workspace}`}`;
        return `${one.name} (${one.definition}): ${one.state}${by}${where}${one.queued > 0 ? `, ${one.queued} prompts wait` : ''}`;
      }),
      ...(terminal === null ? [] : [`Terminal: ${terminal.program.join(' ')}, ${terminal.state}`]),
      `You can start: ${definitions.join(', ') || 'nothing'}.`,
    ];
    const data = { session: state.name, you, agents, terminal, definitions };
    return { text: lines.join('\n'), data };
  },

  async wait({ agents: refs, any, timeout }, run) {
    const before = await run.state();
    const wanted = refs?.map((ref, n) => run.agent(before, ref, `agents[${n}]`)) ?? startedBy(before, run);
    if (wanted.length === 0)
      throw wrong(
        'agents',
        'You have started no agent. Name those that you mean in "agents".',
        'bad_request',
      );
    if (wanted.some(({ agent }) => agent === run.me))
      throw wrong('agents', 'You cannot wait for yourself.', 'bad_request');
    const ids = wanted.map(({ agent }) => agent);
    const { state, over } = await run.until((now) => {
      const rest = ids.map((id) => now.agents[id]).map((one) => one === undefined || isAtRest(now, one));
      return any ? rest.includes(true) : !rest.includes(false);
    }, timeout);
    const known = ids.flatMap((id) => state.agents[id] ?? []);
    const told = await Promise.all(known.map((one) => agentNow(run.parts.kernel, state, one)));
    await run.reportsSeen(state, ids);
    const words = told.map(inWords).join('\n');
    const { text } = bounded(over ? `The time is over; as it is now:\n${words}` : words);
    return { text, data: { over, agents: told } };
  },

  async screen({ history }, run) {
    const { cols, rows, data } = await run.ask('screen', { ref: run.session, form: 'text', history });
    const { text, cut } = bounded(data, true);
    return { text, data: { cols, rows, screen: text, cut } };
  },

  async machines(_, run) {
    const [nodes, state] = await Promise.all([run.ask('nodes', {}), run.state()]);
    // Those without a name are strangers' devices, which were here: nothing can be started there.
    const machines = nodes
      .filter(({ blocked, name }) => !blocked && name !== '')
      .map(({ peer, name, path }) => ({
        name,
        reachable: path !== 'none',
        agents: Object.values(state.far).filter((one) => one.peer === peer).length,
      }));
    const lines = machines.map(
      (one) =>
        `${one.name}: ${one.reachable ? 'reachable' : 'not connected now'}, ${one.agents} agents of this session`,
    );
    return { text: lines.join('\n') || 'No other machine is known.', data: { machines } };
  },
};

function startedBy(state: Awaited<ReturnType<ToolRun['state']>>, run: ToolRun): AgentState[] {
  return Object.values(state.agents).filter((one) => run.me !== null && one.above?.[0] === run.me);
}
