/** Sums up what agents have used. */

import type { AgentState } from '@skein/protocol/agents/state';
import { NOTHING_USED, plus, type Totals } from '@skein/protocol/agents/usage';
import type { Client } from '@skein/protocol/client/client';
import { allSessions } from '@skein/protocol/client/sessions';
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { visible } from '@skein/protocol/text/words';
import { agentPlaceIn, agentsMeant } from '../../agents/named.ts';
import { costText, countText } from '../../agents/numbers.ts';
import type { Session } from '../../agents/open.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { ownerCalled } from '../../output/owner.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { type UsedTurn, usedTurns } from './turns.ts';

interface Sum {
  name: string;
  used: Totals;
}

export async function run(call: Call): Promise<void> {
  const { node, ref, agent: wanted } = agentPlaceIn(call.arg('ref'));
  const client = await connectNode(call.home, { node });
  const sessions = await sessionsMeant(client, ref);
  const agents = sessions.flatMap((session) =>
    (wanted === undefined && session.usedGone ? agentsIn(session) : agentsMeant(session, wanted)).map(
      ({ agent, name, used, usedBy }) => ({
        ...{ session: session.id, sessionName: session.name, agent, name, used, usedBy },
      }),
    ),
  );
  const removed = sessions.flatMap(({ id: session, name: sessionName, usedGone }) =>
    wanted === undefined && usedGone !== undefined ? [{ session, sessionName, ...usedGone }] : [],
  );
  const names = await memberNames(client, sessions);
  const members = new Map<string, Totals>();
  for (const { usedBy } of [...agents, ...removed])
    for (const [member, used] of Object.entries(usedBy)) members.set(member, plus(members.get(member), used));
  const total = [...agents, ...removed].reduce((sum, { used }) => plus(sum, used), NOTHING_USED);
  const turns: UsedTurn[] = [];
  if (call.flag('turns'))
    for (const session of sessions)
      for (const turn of await usedTurns(client, session))
        if (wanted === undefined || agents.some(({ agent }) => agent === turn.agent)) turns.push(turn);
  const called = (member: string) => names.get(member) ?? (member === 'owner' ? ownerCalled() : member);
  if (call.json)
    return printJson({
      total,
      agents: agents.map(({ usedBy: _, ...rest }) => rest),
      removed: removed.map(({ usedBy: _, ...rest }) => rest),
      members: [...members].map(([member, used]) => ({ member, name: called(member), used })),
      ...(call.flag('turns') ? { turns } : {}),
    });
  if (agents.length + removed.length === 0) return print('No agents have been used here.');
  const paint = paintFor(call.flag('no-color'));
  const byAgent = agents.map(({ sessionName, name, used }) => ({ name: `${sessionName}/${name}`, used }));
  const byRemoved = removed.map(({ sessionName, used }) => ({ name: `${sessionName}, removed ones`, used }));
  const byMember = [...members].map(([member, used]) => ({ name: called(member), used }));
  const parts = [sums('AGENT', [...byAgent, ...byRemoved], paint), sums('WHOSE PROMPTS', byMember, paint)];
  if (turns.length > 0) parts.push(turnsTable(turns, paint));
  if (agents.length + removed.length > 1) parts.push(sums('', [{ name: 'in all', used: total }], paint));
  print(parts.join('\n'));
}

async function sessionsMeant(client: Client, ref: string | undefined): Promise<Session[]> {
  if (ref !== undefined) return [await client.ask('session', { ref })];
  const listed = await allSessions(client);
  const all = await Promise.all(listed.map(({ id }) => client.ask('session', { ref: id })));
  return all.filter((session) => agentsIn(session).length > 0 || session.usedGone !== undefined);
}

/** Older nodes tell of none. */
function agentsIn(session: Session): AgentState[] {
  return Object.values(session.agents ?? {});
}

/** What people are called, of the sessions that have any. */
async function memberNames(client: Client, sessions: readonly Session[]): Promise<Map<string, string>> {
  const all = await Promise.all(sessions.map(({ id }) => client.ask('members', { ref: id })));
  return new Map(all.flat().map(({ id, name }) => [id, name]));
}

const COUNTS = ['input', 'cacheRead', 'cacheWrite', 'output', 'thought'] as const;
const COUNT_HEADS = ['INPUT', 'CACHE READ', 'CACHE WRITE', 'OUTPUT', 'THOUGHT'];

function sums(title: string, rows: readonly Sum[], paint: Paint): string {
  const head: Cell[] = [title, 'TURNS', ...COUNT_HEADS, 'COST'].map((text) => ({ text, paint: paint.dim }));
  const cells = rows.map(({ name, used }): Cell[] => [
    { text: visible(name), paint: paint.bold },
    { text: String(used.turns) },
    ...COUNTS.map((kind) => ({ text: countText(used[kind]) })),
    { text: costText(used.cost) },
  ]);
  return table([head, ...cells]);
}

function turnsTable(turns: readonly UsedTurn[], paint: Paint): string {
  const head = ['TURN', 'TOOK', 'ENDED', ...COUNT_HEADS, 'COST', 'PROMPT'];
  const rows = turns.map(({ at, ms, end, used, prompt }): Cell[] => [
    { text: new Date(at).toISOString().replace('T', ' ').slice(0, 19) },
    { text: ms === null ? '-' : `${(ms / 1000).toFixed(1)}s` },
    { text: end ?? 'runs', paint: end === 'done' ? paint.green : paint.yellow },
    ...COUNTS.map((kind) => ({ text: countText(used[kind]) })),
    { text: costText(used.cost) },
    { text: visible((prompt ?? '').slice(0, 60)) },
  ]);
  return table([head.map((text): Cell => ({ text, paint: paint.dim })), ...rows]);
}
