/** Makes and removes the workspaces of a compose file, and waits for both (rule B3). */

import { readEvents } from '@skein/client/events';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { AskedSource } from '@skein/protocol/workspaces/commands';
import { failureOf } from '../commands/workspace/failure.ts';
import { type ApplyContext, labelOf } from './apply-context.ts';

/** Milliseconds for a worktree to go, and between two looks at it. */
const GOING_MS = 10_000;
const LOOK_MS = 100;

export async function makeWorkspace(context: ApplyContext, part: string): Promise<void> {
  const { client, wanted, ids } = context;
  const one = wanted.workspaces[part];
  if (one === undefined) return;
  const { source: given, fields, ...rest } = one;
  const { part: _, ...more } = rest;
  const source: AskedSource =
    given.kind !== 'worktree'
      ? given
      : {
          kind: 'worktree',
          of: ids.workspace(given.base),
          ...(given.branch === undefined ? {} : { branch: given.branch }),
        };
  const id = newId();
  const compose = labelOf(context, part, fields);
  await client.command('node', 'workspace.create', {
    id,
    name: part,
    source,
    keep: 'always',
    ...more,
    compose,
  });
  ids.madeWorkspace(part, id);
  await awaitWorkspace(client, id);
}

/** One that was being made already: what was cut off in the middle, such as its set-up by the end of a node, is begun anew. */
export async function finishWorkspace(context: ApplyContext, part: string): Promise<void> {
  const id = context.ids.workspace(part);
  const { life } = await context.client.ask('prepared', { workspace: id });
  if (life === 'ready') return;
  await removeWorkspace(context.client, id);
  await makeWorkspace(context, part);
}

/** Throws what kept it from being ready. It stays as it is, to be looked at, until the next time. */
async function awaitWorkspace(client: Client, id: string): Promise<void> {
  const { life, why, name } = await client.ask('prepared', { workspace: id });
  if (life === 'ready') return;
  throw new SkeinError('not_ready', why ?? `It is ${life}.`, { see: `skein workspace show ${name}` });
}

/** Never by force: one that holds work which is nowhere else stays, and says so. */
export async function removeWorkspace(client: Client, id: string): Promise<void> {
  const begun = await beginRemoving(client, id);
  const { offset, name } = begun as { offset: number; name: string };
  for await (const { type, body } of readEvents(client, {
    stream: `workspace/${id}`,
    after: offset,
    follow: true,
  })) {
    if (type === 'workspace.removed') return;
    if (type !== 'workspace.kept') continue;
    const { code, message } = failureOf(body);
    const advice = `Save what is in it; or, to lose that: skein workspace rm --force ${name}`;
    throw new SkeinError(code as never, `it stays. ${message}`, { advice });
  }
}

/** A worktree of it whose agent has just ended is about to go by itself, and is waited for; one that stays is told. */
async function beginRemoving(client: Client, id: string): Promise<unknown> {
  const late = Date.now() + GOING_MS;
  for (;;) {
    try {
      return await client.command(`workspace/${id}`, 'workspace.remove', { force: false });
    } catch (thrown) {
      const { code, data } = SkeinError.from(thrown);
      const tree = data?.id;
      if (code !== 'work_left' || typeof tree !== 'string' || Date.now() > late) throw thrown;
      if (await stays(client, tree)) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

async function stays(client: Client, tree: string): Promise<boolean> {
  const all = await client.ask('workspaces', {});
  const one = all.find(({ id }) => id === tree);
  if (one === undefined || one.life === 'removing') return false;
  if (one.runs > 0) return true;
  return (await client.ask('workspace', { workspace: tree })).why !== null;
}
