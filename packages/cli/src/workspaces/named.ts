/** Which workspace, which paths and whose claims a command means: what it says, or where it is run. */
import { realpathSync } from 'node:fs';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { visible } from '@skein/protocol/text/words';
import type { WorkspaceShown } from '@skein/protocol/workspaces/asks';
import type { RunIn } from '@skein/protocol/workspaces/state';
import { here } from '../connect/here.ts';
import type { Call } from '../invocation/call.ts';
import { fromHere } from './globs.ts';

export interface Named {
  workspace: WorkspaceShown;
  globs: string[];
}

/**
 * The workspace is the first word, as in `skein claim api src/x`; in a program that was put into one, it is that, and all words
 * are paths. With `--workspace` all are paths anywhere.
 */
export async function namedIn(call: Call, client: Client, words: readonly string[]): Promise<Named> {
  const inside = process.env.SKEIN_WORKSPACE;
  const said = call.text('workspace') ?? (inside || undefined);
  const [first = here(), ...rest] = words;
  const paths = said === undefined ? rest : words;
  if (call.text('workspace') === undefined && said !== undefined && words.length > 1)
    await checkNoName(client, first);
  const workspace = await client.ask('workspace', { workspace: said ?? first });
  const cwd = realpathSync(here());
  return { workspace, globs: paths.map((glob) => fromHere(glob, workspace.root, cwd)) };
}

/** Somebody who names a workspace where none is needed must not claim something else. */
async function checkNoName(client: Client, word: string): Promise<void> {
  const all = await client.ask('workspaces', {});
  if (!all.some(({ name }) => name === word)) return;
  throw new SkeinError(
    'bad_request',
    `"${word}" is the name of a workspace, and here all words are paths of this one. Say -w ${word} for the workspace, ./${word} for the path.`,
  );
}

/** A run in the workspace, for which something is done; undefined for the person who gives the command. */
export function holderOf(call: Call, { name, inside }: WorkspaceShown): RunIn | undefined {
  const wanted = call.text('for');
  const own = process.env.SKEIN_RUN;
  if (wanted === 'me') return undefined;
  if (wanted === undefined) {
    if (!own) return undefined;
    const run = inside.find((one) => one.run === own);
    if (run !== undefined) return run;
    const message = `This program does not work in workspace "${name}". For yourself: --for me`;
    throw new SkeinError('not_found', message, { run: own });
  }
  const exact = inside.filter((run) => run.run === wanted || run.name === wanted);
  const near = exact.length > 0 ? exact : inside.filter((run) => run.name.split('/').includes(wanted));
  const [only] = near;
  if (near.length === 1 && only !== undefined) return only;
  const names = (near.length > 1 ? near : inside).map((run) => visible(run.name)).join(', ');
  if (near.length > 1) throw new SkeinError('ambiguous', `"${wanted}" could be any of: ${names}.`);
  const there = names === '' ? 'Nobody works there.' : `There are: ${names}.`;
  throw new SkeinError('not_found', `No "${wanted}" works in workspace "${name}". ${there}`);
}
