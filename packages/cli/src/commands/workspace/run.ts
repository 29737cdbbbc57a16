/** Does what is asked about workspaces. */
import { SkeinError } from '@skein/protocol/errors';
import { visible } from '@skein/protocol/text/words';
import { here } from '../../connect/here.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { create } from './create.ts';
import { remove } from './remove.ts';
import { workspace } from './spec.ts';
import { shownText, workspacesTable } from './text.ts';

interface Action {
  run: (call: Call) => Promise<void>;
  /** The arguments, and the options besides those of every command, that it has a use for. */
  takes: (name: string) => boolean;
}

const ACTIONS: Record<string, Action> = {
  create: { run: create, takes: (name) => name !== 'force' },
  ls: { run: ls, takes: () => false },
  show: { run: show, takes: (name) => name === 'what' },
  rm: { run: remove, takes: (name) => ['what', 'detach', 'force'].includes(name) },
};

export async function run(call: Call): Promise<void> {
  const name = call.needed('action');
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined)
    throw new SkeinError('bad_request', `There is ${Object.keys(ACTIONS).join(', ')}, not "${name}".`, {
      see: 'skein workspace --help',
    });
  for (const { name: one } of [...workspace.args.slice(1), ...workspace.options]) {
    const given = call.arg(one) ?? (call.flag(one) || call.text(one) !== undefined ? `--${one}` : undefined);
    if (given !== undefined && !action.takes(one))
      throw new SkeinError('bad_request', `skein workspace ${name} has no use for "${visible(given)}".`, {
        see: 'skein workspace --help',
      });
  }
  await action.run(call);
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
