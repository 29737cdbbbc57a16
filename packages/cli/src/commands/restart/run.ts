/** Another node in the old one's place; or an agent's process. */
import { isAbsent } from '@skein/client/running';
import { connectNode, connectRunning } from '../../connect/node.ts';
import { stopNode } from '../../connect/stop.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  if (call.args('ref').length > 0) return (await import('./agents.ts')).restartAgents(call);
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
