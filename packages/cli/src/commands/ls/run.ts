/** Lists the sessions as a table, or as JSON. */
import type { ListedSession } from '@skein/protocol/sessions/asks';
import { askNode } from '../../connect/node.ts';
import { orFromAll } from '../../connect/sessions.ts';
import type { Call } from '../../invocation/call.ts';
import { wantsColours } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const running = call.flag('running');
  if (call.flag('all')) return (await import('./everywhere.ts')).run(call, running);
  if (call.json) return printJson(await sessions(call, running));
  const colours = wantsColours(call.flag('no-color'));
  const asked = askNode(call.home, 'table', { running, colours });
  const answer = await orFromAll(call.home, asked, (all) => table(all, running, colours));
  if (answer !== '') return print(answer);
  // Only now is it worth the second question.
  const { answer: nodes } = await askNode(call.home, 'nodes', {});
  if (nodes.some(({ sessions: away }) => away.length > 0))
    return print(
      `${running ? 'No session runs' : 'No sessions'} on this machine. Those elsewhere: skein ls --all`,
    );
  print(running ? 'No session is running.' : 'No sessions. Start one: skein run bash');
}

async function sessions(call: Call, running: boolean): Promise<ListedSession[]> {
  const answer = await orFromAll(call.home, askNode(call.home, 'listing', {}), JSON.stringify);
  return shown(JSON.parse(answer) as ListedSession[], running);
}

/** As the node makes it where it fits into an answer. */
async function table(all: ListedSession[], running: boolean, colours: boolean): Promise<string> {
  const { listing } = await import('@skein/protocol/sessions/listing');
  const { COLOURS, NONE } = await import('@skein/protocol/text/paint');
  const some = shown(all, running);
  return some.length === 0 ? '' : listing(some, colours ? COLOURS : NONE, Date.now());
}

function shown(all: ListedSession[], running: boolean): ListedSession[] {
  return running ? all.filter(({ state }) => state === 'running') : all;
}
