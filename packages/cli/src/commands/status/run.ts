/** Tells what the node tells of itself. */

import { DOINGS, type Doing } from '@skein/protocol/agents/state';
import { allSessions } from '@skein/protocol/client/sessions';
import type { MeshAnswer } from '@skein/protocol/peers/asks';
import type { Status } from '@skein/protocol/sessions/asks';
import type { Paint } from '@skein/protocol/text/paint';
import { table } from '@skein/protocol/text/table';
import { age } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import { placeText, relayText } from '../../connect/relays.ts';
import type { Call } from '../../invocation/call.ts';
import { bytesText } from '../../output/bytes-text.ts';
import { nodesTable } from '../../output/nodes-table.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { isSame, OWN, releaseText, VERSION } from '../../version.ts';

export async function run(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const [status, mesh, nodes, sessions] = await Promise.all([
    client.ask('status', {}),
    client.ask('mesh', {}),
    client.ask('nodes', {}),
    allSessions(client),
  ]);
  const doings = sessions.flatMap(({ agents = [] }) => agents.map(({ doing }) => doing));
  if (call.json) return printJson({ ...status, agents: counted(doings), mesh, nodes, cli: VERSION });
  const paint = paintFor(call.flag('no-color'));
  print(describe(status, mesh, doings, paint));
  if (nodes.length > 0) print(`\n${nodesTable(nodes, paint)}`);
}

function describe(status: Status, mesh: MeshAnswer, doings: readonly Doing[], paint: Paint): string {
  const { sessions, hosts, log, queues } = status;
  const line = (name: string, text: string) => [{ text: name, paint: paint.dim }, { text }];
  const hostLines = hosts.map(({ id, pid, version, runs, draining, kind }) =>
    line(
      'host',
      `${id}, pid ${pid}, version ${version}, ${many(runs, kind === 'pipe' ? 'agent' : 'terminal')}${draining ? ', draining' : ''}`,
    ),
  );
  const waiting = queues.mailbox + queues.effects;
  const out = table([
    line('node', `pid ${status.pid}, version ${status.version}, up ${age(status.uptime * 1000)}`),
    line('home', status.home),
    line('sessions', sessionsText(sessions)),
    ...(doings.length === 0 ? [] : [line('agents', agentsText(doings))]),
    ...hostLines,
    line('log', `${log.events} events, ${bytesText(log.bytes)}`),
    line('mesh', meshText(mesh)),
    ...(mesh.on && mesh.error !== undefined ? [line('error', mesh.error)] : []),
    ...mesh.relays
      .filter(({ state }) => state !== 'registered')
      .map((relay) => line('relay', relayText(relay))),
    line('queues', waiting === 0 ? 'empty' : `${queues.mailbox} commands, ${queues.effects} effects`),
  ]);
  const notes: string[] = [];
  if (!isSame(status, OWN))
    notes.push(
      `The node is ${releaseText(status)}, this command ${releaseText(OWN)}. To bring them together: skein restart`,
    );
  if (log.damaged.length > 0) notes.push(paint.red('The log was damaged. See: skein doctor'));
  return out + notes.map((note) => `${note}\n`).join('');
}

/** How many do what. */
function counted(doings: readonly Doing[]): Partial<Record<Doing, number>> {
  const counts: Partial<Record<Doing, number>> = {};
  for (const one of doings) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

function agentsText(doings: readonly Doing[]): string {
  const counts = counted(doings);
  const text = DOINGS.flatMap((one) => (counts[one] === undefined ? [] : `${counts[one]} ${one}`)).join(', ');
  return counts.waiting === undefined ? text : `${text}: skein approvals`;
}

function meshText({ on, addrs, relays, error }: MeshAnswer): string {
  if (!on) return error === undefined ? 'off' : `off: ${error}`;
  const there = relays.filter(({ state }) => state === 'registered').length;
  const at = relays.length === 0 ? 'at no relay' : `at ${there} of ${many(relays.length, 'relay')}`;
  return `on, ${at}, ${addrs.length === 0 ? 'listens nowhere' : `listens at ${addrs.map(placeText).join(', ')}`}`;
}

function many(count: number, thing: string): string {
  return count === 1 ? `1 ${thing}` : `${count} ${thing}s`;
}

/** Of those that were forgotten the records are still on the disk. */
function sessionsText({ running, total, forgotten = 0 }: Status['sessions']): string {
  const kept = forgotten === 0 ? '' : `; ${forgotten} forgotten, whose records are kept (skein prune --help)`;
  return `${running} running, ${total} in all${kept}`;
}
