/** Lands work, takes a landing back, or ends one. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { visible } from '@skein/protocol/text/words';
import type { WorkspaceShown } from '@skein/protocol/workspaces/asks';
import { HOOK_MS, MAX_HOOK_MS } from '@skein/protocol/workspaces/limits';
import { connectNode } from '../../connect/node.ts';
import { type Call, parseDuration } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { workspaceMeant } from '../../workspaces/meant.ts';
import { followLanding, type Landing } from './follow.ts';
import { landingMeant } from './landing-meant.ts';
import { checkResting } from './resting.ts';

interface Begun {
  landing: string;
  offset: number;
}

export async function run(call: Call): Promise<void> {
  const undo = call.text('undo');
  const cancel = call.text('cancel');
  if (undo !== undefined || cancel !== undefined) {
    const others = [call.arg('ref'), call.text('onto'), call.text('check'), call.text('message')];
    if ((undo !== undefined && cancel !== undefined) || others.some((one) => one !== undefined))
      throw new SkeinError('bad_request', '--undo and --cancel take a landing, and nothing else is given.');
  }
  if (undo !== undefined) return takeBack(call, undo);
  if (cancel !== undefined) return end(call, cancel);
  const { client, workspace, called } = await workspaceMeant(call.home, call.arg('ref'));
  const base = baseOf(workspace, called);
  if (!call.flag('now')) await checkResting(client, workspace);
  const [onto, message] = [call.text('onto'), call.text('message')];
  const begun = (await client.command(`workspace/${base}`, 'landing.begin', {
    ...{ landing: newId(), from: workspace.id, how: call.flag('merge') ? 'merge' : 'rebase' },
    ...checkOf(call),
    ...(call.flag('brought') ? { brought: true } : {}),
    ...(onto === undefined ? {} : { onto }),
    ...(message === undefined ? {} : { message }),
  })) as Begun;
  await untilOver(call, client, base, begun);
}

/** The workspace that it is a worktree of. */
function baseOf({ source, root }: WorkspaceShown, called: string): string {
  if (source.kind === 'worktree') return source.of;
  throw new SkeinError(
    'bad_request',
    `${called} has no worktree of its own: its work is in ${root} already. Commit it there.`,
    { advice: `What is not committed: skein diff ${called}` },
  );
}

function checkOf(call: Call): { check?: { command: string; timeout: number } } {
  const command = call.text('check');
  const timeout = parseDuration('timeout', call.text('timeout'), MAX_HOOK_MS);
  if (command === undefined && timeout !== undefined)
    throw new SkeinError('bad_request', '--timeout is for --check.');
  return command === undefined ? {} : { check: { command, timeout: timeout ?? HOOK_MS } };
}

async function takeBack(call: Call, wanted: string): Promise<void> {
  const client = await connectNode(call.home);
  const { base, landing } = await landingMeant(client, wanted, ({ state }) => state === 'landed');
  const begun = (await client.command(`workspace/${base}`, 'landing.undo', {
    landing: landing.landing,
  })) as Begun;
  await untilOver(call, client, base, begun);
}

async function end(call: Call, wanted: string): Promise<void> {
  const client = await connectNode(call.home);
  const { base, landing } = await landingMeant(
    client,
    wanted,
    ({ state }) => state === 'waiting' || state === 'running',
  );
  await client.command(`workspace/${base}`, 'landing.cancel', { landing: landing.landing });
  if (call.json) printJson({ landing: landing.landing, cancelled: true });
  else print(`The landing of ${visible(landing.fromName)} is cancelled.`);
}

async function untilOver(call: Call, client: Client, base: string, begun: Begun): Promise<void> {
  if (call.flag('detach')) {
    const { landings } = await client.ask('workspace', { workspace: base });
    const now = landings.find(({ landing }) => landing === begun.landing);
    if (call.json) return printJson(now);
    return print(now?.message ?? `It lands: skein workspace show ${now?.fromName ?? base}`);
  }
  const landing = await followLanding(client, base, begun);
  if (call.json) return printJson(landing);
  print(endText(landing));
}

function endText({ state, fromName, onto, commits, before, after, message, landing }: Landing): string {
  const told = message === null ? '' : `\n${visible(message)}`;
  if (state === 'undone') return visible(message ?? `The landing of ${fromName} is undone.`);
  const count = `${commits} ${commits === 1 ? 'commit' : 'commits'}`;
  const range = `${before?.slice(0, 10)}..${after?.slice(0, 10)}`;
  return `${visible(fromName)} has landed on ${visible(onto)}: ${count}, ${range}. To take it back: skein land --undo ${landing}${told}`;
}
