/** Stops the node, if it runs, and starts one of this build. */
import { connectNode, connectRunning, isAbsent } from '../../connect/node.ts';
import { stopNode } from '../../connect/stop.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const { home } = call;
  const before = await stopRunning(home);
  const client = await connectNode(home);
  const { pid, version } = client.node;
  if (call.json) return printJson({ pid, version, home, before });
  const was = before === null || before.version === version ? '' : ` (was ${before.version})`;
  print(`The node has started again: pid ${pid}, version ${version}${was}`);
}

async function stopRunning(home: string): Promise<{ pid: number; version: string } | null> {
  try {
    const client = await connectRunning(home);
    const { pid, version } = client.node;
    await stopNode(client, false);
    return { pid, version };
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
