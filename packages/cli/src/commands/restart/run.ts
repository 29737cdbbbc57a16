/** Another node in the old one's place; or an agent's process. */
import { isAbsent } from '@skein/client/running';
import { connectNode, connectRunning } from '../../connect/node.ts';
import { stopNode } from '../../connect/stop.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { isSame, releaseText } from '../../version.ts';

export async function run(call: Call): Promise<void> {
  if (call.args('ref').length > 0) return (await import('./agents.ts')).restartAgents(call);
  const { home } = call;
  const before = await stopRunning(home);
  const client = await connectNode(home);
  const { pid, version, build } = client.node;
  if (call.json) return printJson({ pid, version, build, home, before });
  const now = `The node has started again: pid ${pid}, version`;
  if (before === null || isSame(before, client.node)) return print(`${now} ${version}`);
  print(`${now} ${releaseText(client.node)}, was ${releaseText(before)}`);
}

async function stopRunning(
  home: string,
): Promise<{ pid: number; version: string; build?: string | undefined } | null> {
  try {
    const client = await connectRunning(home);
    const { pid, version, build } = client.node;
    await stopNode(client, false);
    return { pid, version, build };
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
