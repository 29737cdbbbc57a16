/** What the words of a command mean, of sessions on several nodes (rule M4). */
import type { Client } from '@skein/protocol/client/client';
import { connectNode } from './node.ts';
import { byNode } from './place.ts';

/** Milliseconds for which a node that restarts is waited for. */
const RETRY_MS = 60_000;

/** Something that was found, the connection to its node, and what that is called here where it is another. */
export interface Found<T> {
  client: Client;
  node: string | undefined;
  one: T;
}

/** As a person would name it. */
export function placed({ node }: Pick<Found<unknown>, 'node'>, name: string): string {
  return node === undefined ? name : `${node}:${name}`;
}

/** Connects to the node of each reference, and finds what they mean there: all of it, or an error before anything is done to any. */
export async function findEach<T>(
  home: string,
  refs: readonly string[],
  find: (client: Client, refs: string[]) => Promise<T[]>,
): Promise<Found<T>[]> {
  const found: Found<T>[] = [];
  for (const [node, there] of byNode(refs)) {
    const client = await connectNode(home, { node, retryFor: RETRY_MS });
    for (const one of await find(client, there)) found.push({ client, node, one });
  }
  return found;
}
