/** Does what is asked about workspaces. */
import { SkeinError } from '@skein/protocol/errors';
import { here } from '../../connect/here.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { create } from './create.ts';
import { remove } from './remove.ts';
import { shownText, workspacesTable } from './text.ts';

const ACTIONS: Record<string, (call: Call) => Promise<void>> = { create, ls, show, rm: remove };

export async function run(call: Call): Promise<void> {
  const name = call.needed('action');
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined)
    throw new SkeinError('bad_request', `There is ${Object.keys(ACTIONS).join(', ')}, not "${name}".`, {
      see: 'skein workspace --help',
    });
  await action(call);
}

async function ls(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const all = await client.ask('workspaces', {});
  if (call.json) return printJson(all);
  if (all.length === 0) return print('No workspaces. Make one: skein workspace create local .');
  print(workspacesTable(all, paintFor(call.flag('no-color')), Date.now()));
}

async function show(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const shown = await client.ask('workspace', { workspace: which(call) });
  if (call.json) printJson(shown);
  else print(shownText(shown, paintFor(call.flag('no-color')), Date.now()));
}

/** Which one is meant: what was said, the one that this program was put into, or the one that this directory lies in. */
export function which(call: Call): string {
  return call.arg('what') ?? process.env.SKEIN_WORKSPACE ?? here();
}
