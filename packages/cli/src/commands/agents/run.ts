/** Lists agents with what they do. */

import { type AgentState, type Agents, type Doing, doing } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { allSessions } from '@skein/protocol/client/sessions';
import type { Far } from '@skein/protocol/machines/far';
import { awayWords, farIn } from '@skein/protocol/machines/words';
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { age, visible } from '@skein/protocol/text/words';
import { agentPlaceIn, agentsMeant } from '../../agents/named.ts';
import { costText, countText, inputOf } from '../../agents/numbers.ts';
import type { Session } from '../../agents/open.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { howItEnded } from '../../output/how-it-ended.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';

interface Shown {
  session: Session;
  agent: AgentState;
}

export async function run(call: Call): Promise<void> {
  const { node, ref, agent } = agentPlaceIn(call.arg('ref'));
  const client = await connectNode(call.home, { node });
  const sessions = ref === undefined ? await withAgents(client) : [await client.ask('session', { ref })];
  const all = sessions.flatMap((session) =>
    agentsMeant(session, agent).map((one) => ({ session, agent: one })),
  );
  if (call.json) return printJson(all.map(jsonOf));
  if (all.length === 0)
    return print('No agents. Start one: skein run claude · which there are: skein agent ls');
  print(agentsTable(all, node, paintFor(call.flag('no-color')), Date.now()));
}

async function withAgents(client: Client): Promise<Session[]> {
  const listed = await allSessions(client);
  const has = listed.filter(({ agents = [] }) => agents.length > 0);
  return Promise.all(has.map(({ id }) => client.ask('session', { ref: id })));
}

function jsonOf({ session, agent: one }: Shown): object {
  const { agent, name, definition, life, cwd, turn, queue, model, mode, turns, used, why, run, resumes } =
    one;
  return {
    ...{
      session: session.id,
      sessionName: session.name,
      agent,
      name,
      definition,
      doing: doing(one, session),
      life,
    },
    ...{ cwd, turn, queue: queue.length, model, mode, turns, used, why: whyText(one) ?? why },
    ...{ workspace: one.workspace ?? null, strength: one.workspace ? (one.strength ?? null) : null },
    ...elsewhere(session, agent),
    ...{ above: one.above ?? [], direct: one.direct ?? null },
    ...{ driver: run?.driver ?? null, run: run?.run ?? null, pid: run?.pid ?? null, resumes },
  };
}

/** Of one on another machine: which, its session there, how it fares, and what waits to be told it. */
function elsewhere(session: Session, agent: string): object {
  const far = farIn(session, agent);
  if (far === undefined) return {};
  const { node, peer, link, leased, epoch, unleased, unheard, since } = far;
  return {
    on: { node, peer, session: far.session, link, since, leased, epoch, unleased, untold: unheard.length },
  };
}

export function agentsTable(
  all: readonly Shown[],
  node: string | undefined,
  paint: Paint,
  now: number,
): string {
  // Told only where there is something to tell.
  const placed = all.some(({ agent }) => agent.workspace);
  const away = all.some((one) => farIn(one.session, one.agent.agent) !== undefined);
  const started = all.some(({ agent }) => agent.above !== undefined);
  const where = [
    ...(started ? ['STARTED BY'] : []),
    ...(away ? ['ON'] : []),
    ...(placed ? ['WORKSPACE'] : []),
  ];
  const head = ['AGENT', 'DOES', 'SINCE', 'QUEUE', ...where, 'MODEL', 'MODE', 'TURNS', 'TOKENS', 'COST'];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  const notes: string[] = [];
  for (const { session, agent } of all) {
    const does = doing(agent, session);
    const ref = `${node === undefined ? '' : `${node}:`}${session.name}/${agent.name}`;
    const since = agent.turn?.startedAt ?? agent.run?.startedAt;
    const { used } = agent;
    rows.push([
      { text: visible(ref), paint: paint.bold },
      { text: does, paint: colourOf(does, paint) },
      { text: since === undefined || agent.life !== 'running' ? '-' : age(now - since) },
      { text: agent.queue.length === 0 ? '-' : String(agent.queue.length) },
      ...(started ? [{ text: visible(starterOf(agent, session)) }] : []),
      ...(away ? [{ text: visible(farIn(session, agent.agent)?.node ?? '-') }] : []),
      ...(placed ? [{ text: whereText(agent) }] : []),
      { text: visible(agent.model ?? '-') },
      { text: visible(agent.mode ?? '-') },
      { text: String(agent.turns) },
      { text: `${countText(inputOf(used))} in, ${countText(used.output)} out` },
      { text: costText(used.cost) },
    ]);
    const note = noteOf(agent, session, does, ref, now);
    for (const one of [note, farNote(farIn(session, agent.agent), ref, now)])
      if (one !== undefined) notes.push(`${visible(ref)}: ${visible(one)}`);
  }
  return table(rows) + notes.map((line) => `${paint.dim(line)}\n`).join('');
}

/** The agent that has started it; `-` for a person. */
function starterOf({ above = [] }: AgentState, { agents }: Agents): string {
  const [first] = above;
  return first === undefined ? '-' : (agents[first]?.name ?? 'one that is gone');
}

/** The workspace, and how strongly what it writes in files is held to the claims there. */
function whereText({ workspace, strength }: AgentState): string {
  if (!workspace) return '-';
  return visible(workspace.name) + (strength === undefined ? '' : ` (${strength.files})`);
}

export function colourOf(does: Doing, paint: Paint): (text: string) => string {
  if (does === 'waiting' || does === 'stuck' || does === 'resting' || does === 'starting')
    return paint.yellow;
  if (does === 'failed') return paint.red;
  return does === 'working' || does === 'idle' ? paint.green : paint.dim;
}

/** What a person should know of it, or do about it. */
function noteOf(
  agent: AgentState,
  { approvals }: Agents,
  does: Doing,
  ref: string,
  now: number,
): string | undefined {
  if (does === 'waiting') {
    const mine = Object.values(approvals).filter((one) => one.agent === agent.agent && one.answered === null);
    const more = mine.length > 1 ? ` and ${mine.length - 1} more` : '';
    return `asks: ${mine[0]?.title}${more} · skein approvals`;
  }
  if (does === 'stuck')
    return `nothing has come from it for a while · skein cancel ${ref} · skein restart ${ref}`;
  const why = whyText(agent);
  if (does === 'resting')
    return `starts again in ${age((agent.until ?? now) - now)}${why === undefined ? '' : `, after ${why}`}`;
  if (does === 'failed' || does === 'exited') return `${why ?? does} · skein restart ${ref}`;
  return undefined;
}

/** How it fares with the machine that it runs on, where that is of consequence. */
function farNote(far: Far | undefined, ref: string, now: number): string | undefined {
  const words = far && awayWords(far, now);
  if (far === undefined || words === undefined) return undefined;
  if (far.unleased !== null) return `${words}: ${far.unleased} · to take it back: skein restart ${ref}`;
  const waits = far.unheard.length === 0 ? '' : ` · ${far.unheard.length} to be told when it is back`;
  // Those two are the agent's; to be away is the machine's.
  const what =
    far.session === null
      ? `being admitted by ${far.node}`
      : far.link === 'up'
        ? `${words} on ${far.node}`
        : `${far.node} is ${words}`;
  return `${what}${far.why === null ? '' : `: ${far.why}`}${waits}`;
}

function whyText({ why, exit }: AgentState): string | undefined {
  return why ?? (exit === null ? undefined : howItEnded(exit));
}
