/** Stops the node and, when told to, all sessions. */
import { checkHome } from '@skein/client/home';
import { isAbsent } from '@skein/client/running';
import type { Client } from '@skein/protocol/client/client';
import { hostsGone, liveHosts } from '../../connect/hosts-on-disk.ts';
import { lateNode } from '../../connect/late-node.ts';
import { connectNode, connectRunning } from '../../connect/node.ts';
import { stopNode } from '../../connect/stop.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const kill = call.flag('kill');
  checkHome(call.home);
  const client = await running(call.home, kill);
  if (client === undefined) {
    const hosts = liveHosts(call.home).length;
    if (call.json) return printJson({ stopped: false, pid: null, sessions: 0 });
    const more = hosts === 0 ? '' : ' Its sessions live on; the next command finds them.';
    return print(`No node is running in ${call.home}.${more}`);
  }
  const { pid } = client.node;
  const { sessions } = await client.ask('status', {});
  await stopNode(client, kill);
  if (kill) await hostsGone(call.home);
  if (call.json) return printJson({ stopped: true, pid, sessions: sessions.running });
  const many = sessions.running === 1 ? '1 session' : `${sessions.running} sessions`;
  const rest =
    sessions.running === 0
      ? '.'
      : kill
        ? `, and ${many} with it.`
        : `. ${many} ${sessions.running === 1 ? 'lives' : 'live'} on: the next command finds ${sessions.running === 1 ? 'it' : 'them'}. To end all: skein down --kill${call.elsewhere}`;
  print(`The node has stopped${rest}`);
}

async function running(home: string, kill: boolean): Promise<Client | undefined> {
  try {
    return await connectRunning(home);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    const late = await lateNode(home);
    if (late !== undefined) return late;
    // Only a node may speak to the hosts that a dead one left, so that they can be ended.
    return kill && liveHosts(home).length > 0 ? connectNode(home, { retryFor: 0 }) : undefined;
  }
}
