/** Starts the node, or finds the one that runs. */

import { checkHome } from '@skein/client/home';
import { isAbsent } from '@skein/client/running';
import { connectRunning } from '../../connect/node.ts';
import { startNode } from '../../connect/start.ts';
import type { Call } from '../../invocation/call.ts';
import { complain, print, printJson } from '../../output/write.ts';
import { isSame, OWN, releaseText } from '../../version.ts';

export async function run(call: Call): Promise<void> {
  const { home } = call;
  checkHome(home);
  let started = false;
  const client = await connectRunning(home).catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
    const ours = () => {
      started = true;
    };
    return startNode(home, () => connectRunning(home), ours);
  });
  const { pid, version } = client.node;
  const lacks = (await client.ask('mesh', {})).error;
  if (lacks !== undefined) complain(lacks, 'It is tried again and again. Where it listens: skein mesh');
  if (!isSame(client.node, OWN))
    complain(
      `the node is ${releaseText(client.node)}, this command ${releaseText(OWN)}.`,
      'To bring them together: skein restart',
    );
  if (call.json) return printJson({ pid, version, home, started });
  print(`The node ${started ? 'has started' : 'runs already'}: pid ${pid}, version ${version}, in ${home}`);
}
