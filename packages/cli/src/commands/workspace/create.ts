/** Makes a workspace, and waits until it is ready. */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { readEvents } from '@skein/client/events';
import type { Client } from '@skein/protocol/client/client';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { visible } from '@skein/protocol/text/words';
import type { WorkspaceShown } from '@skein/protocol/workspaces/asks';
import type { AskedSource } from '@skein/protocol/workspaces/commands';
import { HOOK_MS, MAX_HOOK_MS } from '@skein/protocol/workspaces/limits';
import { connectNode } from '../../connect/node.ts';
import { type Call, parseDuration } from '../../invocation/call.ts';
import { complain, print, printJson } from '../../output/write.ts';
import { failureOf, outputOf } from './failure.ts';
import { showProgress } from './progress.ts';

export async function create(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const source = await sourceOf(call, client);
  const id = newId();
  const body = {
    ...{ id, source, strict: call.flag('strict'), keep: keepOf(call), ...hooksOf(call), ...guardOf(call) },
    ...(call.text('name') === undefined ? {} : { name: call.text('name') as string }),
  };
  const { name } = (await client.command('node', 'workspace.create', body)) as { name: string };
  if (!call.flag('detach')) await untilReady(client, id, name);
  const shown = await client.ask('workspace', { workspace: id });
  if (call.json) return printJson(shown);
  print(call.flag('detach') ? `${visible(name)} is being made: skein workspace show ${name}` : next(shown));
}

async function sourceOf(call: Call, client: Client): Promise<AskedSource> {
  const kind = call.arg('what');
  const from = call.arg('from');
  const given = (what: string): string => {
    if (from !== undefined) return from;
    throw new SkeinError('bad_request', `Say ${what}: skein workspace create ${kind} …`);
  };
  const others = { git: ['ref', 'depth'], worktree: ['branch'] } as Record<string, string[]>;
  for (const [of, options] of Object.entries(others))
    for (const option of options)
      if (of !== kind && call.text(option) !== undefined)
        throw new SkeinError('bad_request', `--${option} is for create ${of}.`);
  switch (kind) {
    case 'git': {
      const [ref, depth] = [call.text('ref'), call.integer('depth', 1_000_000, 1)];
      const url = urlOf(given('which repository'));
      return { kind, url, ...(ref === undefined ? {} : { ref }), ...(depth === undefined ? {} : { depth }) };
    }
    case 'local':
      return { kind, dir: directory(from ?? '.') };
    case 'scratch':
      if (from === undefined) return { kind };
      throw new SkeinError('bad_request', 'create scratch takes no more words. To name it: --name NAME');
    case 'worktree': {
      const base = await client.ask('workspace', { workspace: given('of which workspace') });
      const branch = call.text('branch');
      return { kind, of: base.id, ...(branch === undefined ? {} : { branch }) };
    }
    default:
      throw new SkeinError('bad_request', `There is git, local, scratch and worktree, not "${kind ?? ''}".`, {
        see: 'skein workspace --help',
      });
  }
}

/** A directory of this machine is named from its root, wherever the node works. */
function urlOf(given: string): string {
  return given === '.' || given === '..' || /^\.{1,2}\//.test(given) ? path.resolve(given) : given;
}

function directory(given: string): string {
  try {
    return realpathSync.native(given);
  } catch {
    throw new SkeinError('bad_cwd', `There is no directory ${given}.`, { cwd: given });
  }
}

function keepOf(call: Call): 'always' | 'last' {
  const keep = call.text('keep') ?? 'always';
  if (keep === 'always' || keep === 'last') return keep;
  throw new SkeinError('bad_request', `--keep is always or last, not "${keep}".`);
}

function hooksOf(call: Call): object {
  const limit = parseDuration('timeout', call.text('timeout'), MAX_HOOK_MS);
  if (limit !== undefined && call.text('setup') === undefined && call.text('teardown') === undefined)
    throw new SkeinError('bad_request', '--timeout is for --setup and --teardown.');
  const timeout = limit ?? HOOK_MS;
  const hook = (option: 'setup' | 'teardown') => {
    const command = call.text(option);
    return command === undefined ? {} : { [option]: { command, timeout } };
  };
  return { ...hook('setup'), ...hook('teardown') };
}

/** Where it is not said, a clone has one, and a directory of the user's none. */
function guardOf(call: Call): { guard?: boolean } {
  const [yes, no] = [call.flag('guard'), call.flag('no-guard')];
  const kind = call.arg('what');
  if ((yes || no) && kind !== 'git' && kind !== 'local')
    throw new SkeinError(
      'bad_request',
      '--guard is for create git and create local: a worktree has that of its repository.',
    );
  if (yes && no) throw new SkeinError('bad_request', 'There is --guard or --no-guard, not both.');
  return yes || no ? { guard: yes } : {};
}

/** Follows its making. One of which nothing came does not stay; one whose set-up failed does, to be looked at. */
async function untilReady(client: Client, id: string, name: string): Promise<void> {
  const stopProgress = showProgress(client, id);
  try {
    for await (const event of readEvents(client, { stream: `workspace/${id}`, after: 0, follow: true })) {
      if (event.type === 'workspace.step') {
        stopProgress.pause();
        tellStep(event.body);
      }
      if (event.type === 'workspace.ready') return;
      if (event.type === 'workspace.removing')
        throw new SkeinError('gone', `Workspace "${name}" was removed meanwhile.`);
      if (event.type === 'workspace.failed') {
        const { code, message } = failureOf(event.body);
        if (code !== 'hook_failed') {
          await client.command(`workspace/${id}`, 'workspace.remove', { force: true });
          throw SkeinError.fromBody({ code: code as ErrorCode, message });
        }
        const advice = `It stays as it is: skein workspace show ${name} · skein workspace rm ${name}`;
        throw SkeinError.fromBody({ code: code as ErrorCode, message, data: { advice } });
      }
    }
  } finally {
    stopProgress.stop();
  }
}

function tellStep(body: unknown): void {
  const { step, state, output } = outputOf(body);
  // Of a set-up that went well nothing is told; of what was fetched what somebody may wonder about.
  if (output === '' || state === 'begun' || (step === 'setup' && state === 'done')) return;
  if (step === 'fetch' && state === 'failed') return;
  complain(visibleLines(output));
}

export function visibleLines(text: string): string {
  return text.trimEnd().split('\n').map(visible).join('\n');
}

function next({ name, root, git }: WorkspaceShown): string {
  const at =
    git === null ? '' : git.branch === null ? ', at a commit by itself' : `, on ${visible(git.branch)}`;
  return `${visible(name)} is ready in ${visible(root)}${at}.\nAn agent in it: skein spawn claude --workspace ${name}`;
}
