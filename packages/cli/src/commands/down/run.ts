/** Stops the node and, when told to, all sessions. */
import { checkHome } from '@skein/client/home';
import { isAbsent } from '@skein/client/running';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
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
  if (client === 'no room') return endWithout(call);
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

/** `no room`: a node is wanted, and the disk takes not even what one writes to start. */
async function running(home: string, kill: boolean): Promise<Client | 'no room' | undefined> {
  try {
    return await connectRunning(home);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    const late = await lateNode(home);
    if (late !== undefined) return late;
    if (!kill || liveHosts(home).length === 0) return undefined;
    // A node records how what the hosts of a dead one hold has ended.
    return connectNode(home, { retryFor: 0 }).catch((thrown) => {
      if (SkeinError.from(thrown).code === 'storage_unavailable') return 'no room';
      throw thrown;
    });
  }
}

/** What fills the disk may be one of the programs. */
async function endWithout(call: Call): Promise<void> {
  const { endHeld, runningIn } = await import('../../connect/end-hosts.ts');
  const sessions = await endHeld(call.home);
  if ((await runningIn(call.home)) !== 0) await hostsGone(call.home);
  if (call.json) return printJson({ stopped: false, pid: null, sessions });
  const many = sessions === 1 ? '1 program has' : `${sessions} programs have`;
  print(`No node can start in ${call.home} while its disk takes nothing. ${many} ended all the same.`);
}
