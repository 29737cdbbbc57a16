/** A workspace's actor: its life, the runs in it, claims, writes and landings (rules K3, W1, W2, W5). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import { type WorkspaceCommands, workspaceCommands } from '@skein/protocol/workspaces/commands';
import { emptyWorkspace, reduceWorkspace, WORKSPACE_REDUCER } from '@skein/protocol/workspaces/reduce';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { knownCommand, unknownCommand } from '../actors/known-command.ts';
import { parseBody } from '../actors/parse-body.ts';
import {
  type ActorKind,
  type DecideContext,
  type Decision,
  EFFECT_OUTCOME,
  type EffectOutcome,
} from '../kernel/types.ts';
import { notAllowed } from '../members/refusals.ts';
import { claimAsked, claimPassed } from './decide-asked.ts';
import { expireClaim, expireWaiter, releaseClaims, renewClaim, takeClaim } from './decide-claims.ts';
import {
  holdForLanding,
  landingHandlers,
  landingOutcome,
  stepLanding,
  unholdLanding,
} from './decide-landings.ts';
import {
  afterLast,
  beginWorkspace,
  broughtBack,
  lifeHandlers,
  lifeOutcome,
  stepOf,
  unhosted,
} from './decide-life.ts';
import { enterRun, leaveRun } from './decide-runs.ts';
import { keepSeen, withSeen } from './decide-seen.ts';
import { addConflict, beginWrite, endTurn, endWrite } from './decide-writes.ts';

const WHOM = 'A workspace';

type Decide<B> = (state: WorkspaceState, body: B, ctx: DecideContext) => Decision;

const handlers: { [K in keyof WorkspaceCommands]: Decide<WorkspaceCommands[K]> } = {
  'claim.take': takeClaim,
  'claim.release': releaseClaims,
  'claim.renew': renewClaim,
  ...lifeHandlers,
  ...landingHandlers,
};

/** What the node, its sessions and its other actors tell a workspace. */
const INTERNAL: Record<string, Decide<never>> = {
  'workspace.begin': beginWorkspace,
  'workspace.stepped': stepOf,
  'run.entered': enterRun,
  'run.left': leaveRun,
  'write.begin': beginWrite,
  'write.end': withSeen(endWrite),
  'turn.ended': withSeen(endTurn),
  'claim.expire': expireClaim,
  'waiter.expire': expireWaiter,
  'conflict.add': addConflict,
  'seen.keep': keepSeen,
  'workspace.landed': (state: WorkspaceState, _: unknown, ctx: DecideContext) => afterLast(state, ctx),
  'workspace.unhosted': unhosted,
  'workspace.bring': broughtBack,
  'claim.asked': claimAsked,
  'claim.passed': claimPassed,
  'landing.step': stepLanding,
  'landing.hold': holdForLanding,
  'landing.unhold': unholdLanding,
};

export const workspaceActor: ActorKind<WorkspaceState> = {
  kind: 'workspace',
  version: WORKSPACE_REDUCER,
  initial: emptyWorkspace,
  apply: reduceWorkspace,
  decide(state, { type, body }, ctx): Decision {
    // Commands with an id came from a client: only those of the protocol, checked, and from the machine's user alone (K1, M2).
    if (ctx.command !== undefined) return asked(state, type, body, ctx);
    if (type === EFFECT_OUTCOME) return outcome(state, body as EffectOutcome, ctx);
    const decide = Object.hasOwn(INTERNAL, type) ? INTERNAL[type] : undefined;
    if (decide === undefined) throw unknownCommand(type, WHOM);
    return decide(state, body as never, ctx);
  },
};

function outcome(state: WorkspaceState, ended: EffectOutcome, ctx: DecideContext): Decision {
  return landingOutcome(state, ended, ctx) ?? lifeOutcome(state, ended, ctx);
}

function asked(state: WorkspaceState, type: string, body: unknown, ctx: DecideContext): Decision {
  const name = knownCommand(workspaceCommands, type, WHOM);
  if (!mayGive(state, name, body, ctx.by)) throw notAllowed('node-owner', 'device');
  if (state.life === 'none' || state.life === 'removed')
    throw new SkeinError('not_found', `There is no workspace ${ctx.id}.`);
  const handle = handlers[name] as Decide<unknown>;
  return handle(state, parseBody(workspaceCommands[name], body), ctx);
}

/** The machine's user; and agents by their tools, of their own claims, and of landings that their node has looked at (rule N1). */
function mayGive(
  { runs }: WorkspaceState,
  type: keyof WorkspaceCommands,
  body: unknown,
  by: unknown,
): boolean {
  const { kind, agent } = (by ?? {}) as { kind?: unknown; agent?: unknown };
  if (kind === 'owner') return true;
  if (kind !== 'agent') return false;
  if (type === 'landing.begin') return true;
  if (type !== 'claim.take' && type !== 'claim.release') return false;
  const run = (body as { for?: { run?: string } } | null)?.for?.run ?? '';
  return Object.hasOwn(runs, run) && runs[run]?.agent === agent && agent !== null;
}
