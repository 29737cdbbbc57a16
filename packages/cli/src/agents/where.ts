/** Into which workspace an agent or a program is to be put, as the options of `run` and `spawn` say it. */
import type { AgentSpec } from '@skein/protocol/agents/commands';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { NodeAnswer } from '@skein/protocol/peers/asks';
import type { Call } from '../invocation/call.ts';
import type { OptionSpec } from '../invocation/spec.ts';

export const WORKSPACE_OPTIONS: readonly OptionSpec[] = [
  { name: 'workspace', short: 'w', value: 'NAME', summary: 'where it works: skein workspace ls' },
  { name: 'worktree', summary: 'an agent: in a worktree of its own there; so it is unless said in a clone' },
  { name: 'shared', summary: 'an agent: in the workspace itself, beside others' },
];

/** On which machine an agent is to run. */
export const MACHINE_OPTIONS: readonly OptionSpec[] = [
  { name: 'on', value: 'NODE', summary: 'an agent: on this machine, if it has granted that: skein nodes' },
  { name: 'dir', value: 'DIR', summary: 'with --on: in this directory there, absolute or ~/…' },
  { name: 'scratch', summary: 'with --on: in an empty one made for it; so it is unless said' },
];

export type Where = Pick<AgentSpec, 'workspace' | 'worktree' | 'on' | 'there'>;

/** Checks what can be checked before anybody is asked. */
export function checkWhere(call: Call, agent: boolean, node?: string): void {
  checkMachine(call, agent, node);
  const [worktree, shared] = [call.flag('worktree'), call.flag('shared')];
  if (worktree && shared) throw new SkeinError('bad_request', 'Give --worktree or --shared, not both.');
  if (call.text('workspace') === undefined) {
    if (!worktree && !shared) return;
    throw new SkeinError('bad_request', `--${worktree ? 'worktree' : 'shared'} goes with --workspace NAME.`);
  }
  if (node !== undefined)
    throw new SkeinError(
      'bad_request',
      'Workspaces are of this machine; an agent on another cannot be put into one.',
    );
  if (worktree && !agent)
    throw new SkeinError(
      'bad_request',
      'A worktree of its own is for agents. For a program make one first.',
      {
        see: 'skein workspace create worktree --help',
      },
    );
}

/** What is said of another machine goes together. */
function checkMachine(call: Call, agent: boolean, node: string | undefined): void {
  const [on, dir, scratch] = [call.text('on'), call.text('dir'), call.flag('scratch')];
  const places = [dir !== undefined, scratch, call.text('workspace') !== undefined];
  const wrong =
    on === undefined
      ? dir !== undefined || scratch
        ? `--${scratch ? 'scratch' : 'dir'} goes with --on NODE.`
        : undefined
      : !agent
        ? '--on is for agents. A program is run there: skein run, on that machine.'
        : node !== undefined
          ? 'Say --on where the session is at home: the machine that it names is one which that one knows.'
          : call.text('cwd') !== undefined
            ? '--cwd is a directory of this machine. One of the other: --dir'
            : call.texts('env').length > 0
              ? 'An agent on another machine has the environment of its node there.'
              : places.filter(Boolean).length > 1
                ? 'Say one of --dir, --scratch and --workspace.'
                : call.flag('worktree') || call.flag('shared')
                  ? 'On another machine a workspace is always a clone of its own, made for the agent.'
                  : undefined;
  if (wrong !== undefined) throw new SkeinError('bad_request', wrong, { see: 'skein spawn --help' });
}

async function machineOf(call: Call, client: Client): Promise<Where> {
  const on = call.text('on');
  if (on === undefined) return {};
  const { peer } = nodeNamed(await client.ask('nodes', {}), on);
  const dir = call.text('dir');
  if (dir !== undefined) return { on: peer, there: { dir } };
  return call.text('workspace') === undefined ? { on: peer, there: { scratch: true } } : { on: peer };
}

/** By name or PeerId, or the beginning of either. Throws `not_found` or `ambiguous`. */
function nodeNamed(all: readonly NodeAnswer[], wanted: string): NodeAnswer {
  const named = all.filter(({ name }) => name !== '');
  const whole = named.find(({ name, peer }) => name === wanted || peer === wanted);
  if (whole !== undefined) return whole;
  const begun = named.filter(({ name, peer }) => name.startsWith(wanted) || peer.startsWith(wanted));
  const [only] = begun;
  if (begun.length === 1 && only !== undefined) return only;
  const names = (begun.length > 0 ? begun : named).map(({ name }) => name).join(', ');
  if (begun.length > 1)
    throw new SkeinError('ambiguous', `"${wanted}" could be any of: ${names}. Say more of the name.`);
  throw new SkeinError(
    'not_found',
    `No machine "${wanted}" is known here${names === '' ? '' : `, but ${names}`}. To add one, type there: skein node show, and here what it says.`,
    { see: 'skein node add --help' },
  );
}

export async function whereOf(call: Call, client: Client): Promise<Where> {
  const machine = await machineOf(call, client);
  const name = call.text('workspace');
  if (name === undefined) return machine;
  const { id } = await client.ask('workspace', { workspace: name });
  if (machine.on !== undefined) return { ...machine, workspace: id };
  if (call.flag('worktree')) return { workspace: id, worktree: true };
  return call.flag('shared') ? { workspace: id, worktree: false } : { workspace: id };
}
