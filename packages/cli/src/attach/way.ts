/** The way from this terminal to a session's program, and how to have it again: on this machine by rights, to another by lanes. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { allows } from '@skein/protocol/members/roles';
import type { Asks } from '@skein/protocol/sessions/asks';
import { askNode, connectRunning, peerOf } from '../connect/node.ts';
import type { Place } from '../connect/place.ts';
import { byLane, bySocket, type OpenViewer } from './viewer-stream.ts';

/** Milliseconds in which a lost connection to a host must be had again; its end takes the node a moment to notice. */
const HERE_MS = 10_000;

export interface Way {
  id: string;
  /** As the user knows it: with its node, where that is another. */
  name: string;
  /** The PeerId of that one, which stays when it is called something else. */
  node: string | undefined;
  /** As of the last connection: a member's role may change. */
  readOnly: boolean;
  /** Whether that is the user's own wish. */
  wished: boolean;
  first: OpenViewer;
  /** Tries once more; undefined when the program has ended meanwhile. */
  again(): Promise<OpenViewer | undefined>;
  /** Milliseconds for which to go on trying. */
  patience: number;
}

/** A program that runs, or what is left of one that has ended. */
export type Found = { id: string; name: string; shows?: unknown } & (
  | { kind: 'way'; way: Way }
  | { kind: 'ended'; client: Client }
);

export function findWay(home: string, { node, ref }: Place, readOnly: boolean): Promise<Found> {
  return node === undefined ? here(home, ref, readOnly) : there(home, node, ref, readOnly);
}

async function here(home: string, ref: string, readOnly: boolean): Promise<Found> {
  const role = readOnly ? 'read' : 'write';
  const { client, answer: right } = await askNode(home, 'right', { ref, role });
  const { id, name, run } = right;
  if ('ended' in right) return { kind: 'ended', id, name, client };
  client.close();
  const again = async () => {
    const anew = await connectRunning(home);
    const now = await anew.ask('right', { ref: id, role });
    anew.close();
    return 'ended' in now || now.run !== run ? undefined : bySocket(now);
  };
  const first = bySocket(right);
  return {
    kind: 'way',
    id,
    name,
    way: { id, name, node: undefined, readOnly, wished: readOnly, first, again, patience: HERE_MS },
  };
}

/** On another machine. The user leaves when they have waited long enough; a laptop may be asleep for days. */
async function there(home: string, node: string, ref: string, wished: boolean): Promise<Found> {
  const peer = await peerOf(home, node);
  const { client, answer: session } = await askNode(home, 'session', { ref }, node);
  const { id, run } = session;
  const name = `${node}:${session.name}`;
  if (run === null && Object.keys(session.agents ?? {}).length > 0)
    throw new SkeinError('no_terminal', `Session "${session.name}" has agents and no terminal.`);
  if (run === null || run.state !== 'running') return { kind: 'ended', id, name, client };
  let used = client;
  const again = async () => {
    used.close();
    used = await connectRunning(home, { node: peer });
    const now = await used.ask('session', { ref: id });
    if (now.run?.run !== run.run || now.run.state !== 'running') return undefined;
    way.readOnly = wished || !mayType(now);
    return byLane(used, id, way.readOnly ? 'read' : 'write');
  };
  const readOnly = wished || !mayType(session);
  const first = byLane(client, id, readOnly ? 'read' : 'write');
  const patience = Number.POSITIVE_INFINITY;
  const way: Way = { id, name, node: peer, readOnly, wished, first, again, patience };
  return { kind: 'way', id, name, shows: session.shows, way };
}

function mayType({ you }: Asks['session']['answer']): boolean {
  return you === undefined || allows(you.role, 'operator');
}
