/** A connection to this user's node, which is started when it is needed and not there; and through it to another. */

import { checkHome, nodeSocket } from '@skein/client/home';
import { leaving } from '@skein/client/leaving';
import { isAbsent } from '@skein/client/running';
import { webSocket } from '@skein/client/transport/websocket';
import { meant } from '@skein/node/actors/meant';
import { Client } from '@skein/protocol/client/client';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import type { Asks } from '@skein/protocol/sessions/asks';
import { visible } from '@skein/protocol/text/words';
import { askedOf } from '../output/owner.ts';
import { VERSION } from '../version.ts';
import { startBy } from './starter.ts';
import { waiting } from './waiting.ts';

/** Milliseconds within which a node that is restarted is back. What was not answered is said again, and done once (K2). */
export const RESTART_MS = 10_000;

/** A path to another node that was there and broke off: there may be another. That there is none, or who is let in, is told at once. */
const BROKEN: readonly ErrorCode[] = ['peer_lost', 'peer_closed', 'moved'];
/** Milliseconds between two tries. */
const AGAIN_MS = 200;

interface ConnectOptions {
  /** The node to be connected to, through this user's own (M4); by default that one itself. */
  node?: string | undefined;
  /** Milliseconds to go on trying when the connection is lost; by default as long as a node takes to start again. */
  retryFor?: number;
  onConnection?: (state: 'lost' | 'back') => void;
  /** Asks without waiting for the node's agreement. */
  eager?: boolean;
}

/** Connects, after starting the node if there is none. */
export async function connectNode(home: string, options: ConnectOptions = {}): Promise<Client> {
  checkHome(home);
  const { node, retryFor = RESTART_MS } = options;
  // By its PeerId for longer: what it is called may change. While a node starts again nobody is called otherwise.
  const lasts = retryFor > RESTART_MS;
  const wanted = {
    ...{ ...options, retryFor },
    node: node === undefined || !lasts ? node : await peerOf(home, node),
  };
  const deadline = performance.now() + RESTART_MS;
  for (;;) {
    try {
      return await looking(node, connectRunning(home, wanted));
    } catch (error) {
      if (isAbsent(error)) break;
      if (!isBroken(error) || performance.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  return startBy(home, () => connectRunning(home, wanted));
}

function isBroken(error: unknown): boolean {
  return BROKEN.includes(SkeinError.from(error).code);
}

/**
 * The PeerId of the node that is called so now, for whoever may connect again later: it may be called something else by
 * then. A word that means none, or several, stays as it is, for the node to refuse.
 */
export async function peerOf(home: string, node: string): Promise<string> {
  // Only the way there is asked for here.
  askedOf(node);
  const { client, answer } = await askNode(home, 'nodes', {});
  client.close();
  const known = answer.filter(({ name }) => name !== '');
  return meant(known, node, ({ peer, name }) => [peer, name]).only?.peer ?? node;
}

/**
 * Connects and asks in one breath, starting the node if there is none. For commands that have one question: asking
 * again, should the first time have met a node that was going down, is harmless. The connection is not made again when it
 * is lost, but for `retryFor` milliseconds.
 */
export async function askNode<K extends keyof Asks>(
  home: string,
  type: K,
  body: Asks[K]['body'],
  node?: string,
  retryFor = 0,
): Promise<{ client: Client; answer: Asks[K]['answer'] }> {
  checkHome(home);
  try {
    // That node is looked for before the connection is made.
    const asked = connectRunning(home, { eager: true, node, retryFor }).then(async (client) => ({
      client,
      answer: await client.ask(type, body),
    }));
    return await looking(node, asked);
  } catch (error) {
    if (!isAbsent(error) && !isBroken(error)) throw error;
  }
  const client = await connectNode(home, { node, retryFor: node === undefined ? RESTART_MS : retryFor });
  return { client, answer: await client.ask(type, body) };
}

function looking<T>(node: string | undefined, found: Promise<T>): Promise<T> {
  return node === undefined ? found : waiting(`looking for ${visible(node)}`, found);
}

/** Connects to a node that runs; throws `node_unreachable` when none does. */
export function connectRunning(home: string, { node, ...options }: ConnectOptions = {}): Promise<Client> {
  askedOf(node);
  const connect = webSocket(nodeSocket(home), node === undefined ? '/' : `/node/${encodeURIComponent(node)}`);
  return Client.connect({ connect, name: 'skein', version: VERSION, leaving: leaving(), ...options });
}
