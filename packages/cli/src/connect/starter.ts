/**
 * Who starts a node that is needed and not there. The few commands that must be quick are loaded without that part: they
 * throw NoNode instead, and are run again by the whole program, which can.
 */
import type { Client } from '@skein/protocol/client/client';

type Starter = (home: string, connect: () => Promise<Client>) => Promise<Client>;

/** There is no node, and this part of the program cannot start one. Nothing has been done yet. */
export class NoNode extends Error {
  override readonly name = 'NoNode';
}

let starter: Starter = () => Promise.reject(new NoNode());

export function setStarter(by: Starter): void {
  starter = by;
}

/** Starts a node and resolves with the first connection to it. */
export function startBy(home: string, connect: () => Promise<Client>): Promise<Client> {
  return starter(home, connect);
}
