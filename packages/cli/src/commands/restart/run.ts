/** Another node in the old one's place; or an agent's process. */
import { isAbsent } from '@skein/client/running';
import { LOG_FORMAT } from '@skein/node/kernel/log/format';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
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

/** What it has written the next one must be able to read. Throws `database_newer`; nothing is stopped then. */
async function checkReadable(client: Client): Promise<void> {
  const { log } = await client.ask('status', {});
  if (log.format === undefined || log.format <= LOG_FORMAT) return;
  const message = `The node that runs is of a newer Skein (${releaseText(client.node)}), whose log this one cannot read. It runs on: restart it with the newer skein, or bring this one up to date.`;
  throw new SkeinError('database_newer', message, { found: log.format, supported: LOG_FORMAT });
}

async function stopRunning(
  home: string,
): Promise<{ pid: number; version: string; build?: string | undefined } | null> {
  try {
    const client = await connectRunning(home);
    const { pid, version, build } = client.node;
    await checkReadable(client);
    await stopNode(client, false);
    return { pid, version, build };
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
