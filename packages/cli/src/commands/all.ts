/** All commands, in the order in which the help lists them. */
import type { CommandSpec } from '../invocation/spec.ts';
import { agent } from './agent/spec.ts';
import { agents } from './agents/spec.ts';
import { answer } from './answer/spec.ts';
import { approvals } from './approvals/spec.ts';
import { approve } from './approve/spec.ts';
import { ask } from './ask/spec.ts';
import { attach } from './attach/spec.ts';
import { cancel } from './cancel/spec.ts';
import { chat } from './chat/spec.ts';
import { claim } from './claim/spec.ts';
import { claims } from './claims/spec.ts';
import { completion } from './completion/spec.ts';
import { composeSpec } from './compose/spec.ts';
import { deny } from './deny/spec.ts';
import { diff } from './diff/spec.ts';
import { doctor } from './doctor/spec.ts';
import { down } from './down/spec.ts';
import { events } from './events/spec.ts';
import { exportSpec } from './export/spec.ts';
import { grant } from './grant/spec.ts';
import { grants } from './grants/spec.ts';
import { home } from './home/spec.ts';
import { hook } from './hook/spec.ts';
import { inbox } from './inbox/spec.ts';
import { join } from './join/spec.ts';
import { kill } from './kill/spec.ts';
import { land } from './land/spec.ts';
import { logs } from './logs/spec.ts';
import { ls } from './ls/spec.ts';
import { mcp } from './mcp/spec.ts';
import { members } from './members/spec.ts';
import { mesh } from './mesh/spec.ts';
import { mode } from './mode/spec.ts';
import { model } from './model/spec.ts';
import { node } from './node/spec.ts';
import { nodes } from './nodes/spec.ts';
import { output } from './output/spec.ts';
import { prompt } from './prompt/spec.ts';
import { prune } from './prune/spec.ts';
import { queue } from './queue/spec.ts';
import { relay } from './relay/spec.ts';
import { release } from './release/spec.ts';
import { rename } from './rename/spec.ts';
import { resize } from './resize/spec.ts';
import { restart } from './restart/spec.ts';
import { revoke } from './revoke/spec.ts';
import { rm } from './rm/spec.ts';
import { role } from './role/spec.ts';
import { rules } from './rules/spec.ts';
import { runSpec } from './run/spec.ts';
import { screen } from './screen/spec.ts';
import { send } from './send/spec.ts';
import { share } from './share/spec.ts';
import { spawn } from './spawn/spec.ts';
import { status } from './status/spec.ts';
import { stop } from './stop/spec.ts';
import { task } from './task/spec.ts';
import { tickets } from './tickets/spec.ts';
import { top } from './top/spec.ts';
import { transcript } from './transcript/spec.ts';
import { up } from './up/spec.ts';
import { usage } from './usage/spec.ts';
import { wait } from './wait/spec.ts';
import { workspace } from './workspace/spec.ts';

/** The commands as people look for them: under what they are about. */
export const GROUPS: readonly { title: string; commands: readonly CommandSpec[] }[] = [
  {
    title: 'Sessions:',
    commands: [
      ...[runSpec, ls, top, attach, send, screen, output, wait],
      ...[rename, resize, stop, restart, kill, rm, prune, events, exportSpec, composeSpec],
    ],
  },
  {
    title: 'Agents:',
    commands: [
      ...[spawn, chat, prompt, queue, cancel, agents, approvals, approve, deny, rules],
      ...[task, ask, answer, inbox],
      ...[mode, model, transcript, usage, agent, hook, mcp],
    ],
  },
  { title: 'Workspaces:', commands: [workspace, claim, claims, release, diff, land] },
  { title: 'People:', commands: [share, join, members, role, revoke, tickets] },
  { title: 'Machines:', commands: [nodes, node, grant, grants, mesh, relay] },
  { title: 'This node:', commands: [status, doctor, logs, up, down, completion] },
];

export const COMMANDS: readonly CommandSpec[] = GROUPS.flatMap(({ commands }) => commands);

/** What `skein` alone does; it has no name. */
export const HOME: CommandSpec = home;
