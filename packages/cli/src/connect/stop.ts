/** Stops the node and waits until it is gone, so that whoever comes next finds its place free. */

import { startTime } from '@skein/node/platform/process';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';

/** Milliseconds for the node to write what it holds and go. */
const STOP_MS = 20_000;
/** Milliseconds between two looks at a process that is nobody's child of ours. */
const LOOK_MS = 10;

/** Asks the node to end, with `kill` its sessions too; throws `timeout` when it does not. */
export async function stopNode(client: Client, kill: boolean): Promise<void> {
  const { pid } = client.node;
  await client.ask('stop', { kill });
  client.close();
  // By start time: a process that has ended but was not fetched by its parent yet still answers to its pid.
  for (const deadline = Date.now() + STOP_MS; startTime(pid) !== undefined; ) {
    if (Date.now() > deadline)
      throw new SkeinError('timeout', `The node (pid ${pid}) was told to stop and still runs.`, { pid });
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
