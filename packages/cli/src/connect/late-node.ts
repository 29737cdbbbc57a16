/** A node that lives and cannot be reached: it starts, or ends, or its socket was removed, which it makes anew within seconds. */
import { isAbsent } from '@skein/client/running';
import { holderOf } from '@skein/node/platform/holder';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { connectRunning } from './node.ts';

/** Milliseconds for it to be there or gone: twice the time in which a node looks at its socket. */
const LATE_MS = 10_000;
/** Milliseconds between two looks. */
const LOOK_MS = 20;

/** Connects once it can be reached; undefined when none holds the home. Throws `node_unreachable` when it stays so. */
export async function lateNode(home: string): Promise<Client | undefined> {
  for (const deadline = Date.now() + LATE_MS; ; ) {
    const pid = holderOf(home);
    if (pid === undefined) return undefined;
    try {
      return await connectRunning(home);
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
    if (Date.now() > deadline)
      throw new SkeinError('node_unreachable', `A node runs in ${home}, pid ${pid}, and cannot be reached.`, {
        pid,
        advice: `It may still be starting: see skein logs. To end it: kill ${pid}`,
      });
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
