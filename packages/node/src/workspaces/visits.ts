/** What workspaces are told of the runs of a session: which are in them from now on, and which are no more (rules W1, W5). Pure. */
import { isAlive } from '@skein/protocol/agents/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import { type Strength, sameStrength } from '@skein/protocol/workspaces/holder';
import type { SandboxClaim } from '@skein/protocol/workspaces/placed';
import type { DecideContext, Decision, Tell } from '../kernel/types.ts';
import { runsAfter } from '../sessions/after.ts';
import type { Entering, Leaving } from './decide-runs.ts';

const WATCHED: Strength = { files: 'watched', shell: 'watched' };
const SANDBOXED: Strength = { files: 'enforced', shell: 'enforced' };

interface Inside extends Omit<WorkspaceEvents['run.entered'], 'run'> {
  workspace: string;
  /** It is not at work now, and will be again without anybody's doing. */
  rests: boolean;
  /** By what it may write, in a sandbox. */
  sandbox?: SandboxClaim;
}

/** By run: those that work in a workspace, and those that rest and come back to one. */
export function insideOf(state: SessionState): Map<string, Inside> {
  const inside = new Map<string, Inside>();
  const { id: session, run, workspace } = state;
  if (workspace !== undefined && run !== null && (run.state === 'starting' || run.state === 'running')) {
    const { sandbox } = state;
    const told = { session, agent: null, name: state.name, strength: sandbox ? SANDBOXED : WATCHED };
    inside.set(run.run, { ...told, workspace: workspace.id, rests: false, ...(sandbox && { sandbox }) });
  }
  for (const one of Object.values(state.agents)) {
    if (one.run === null || one.workspace === undefined || one.workspace === null || !isAlive(one)) continue;
    // One on another machine works in what is there; here it is in the worktree that was handed over, which has its id.
    const far = Object.hasOwn(state.far, one.agent);
    if (far && one.workspace.id !== one.agent) continue;
    inside.set(one.run.run, {
      ...{ workspace: one.workspace.id, session, agent: one.agent },
      name: `${state.name}/${one.name}`,
      strength: one.life === 'running' ? strengthOf(one.strength ?? WATCHED, far) : WATCHED,
      rests: one.run.ended,
    });
  }
  return inside;
}

/** What another machine's node writes for it, no fence of this one's keeps out: before its claims are another's, its run is ended. */
function strengthOf(strength: Strength, far: boolean): Strength {
  return far && strength.files === 'enforced' ? { ...strength, files: 'guarded' } : strength;
}

/** A decision that also tells the workspaces concerned. */
export function visiting(before: SessionState, decision: Decision, ctx: DecideContext): Decision {
  const after = runsAfter(before, decision, ctx);
  if (after === undefined) return decision;
  const [was, is] = [insideOf(before), insideOf(after)];
  if (was.size === 0 && is.size === 0) return decision;
  const tell: Tell[] = [];
  for (const [run, { workspace, rests, ...told }] of is) {
    const earlier = was.get(run);
    const same =
      earlier !== undefined && earlier.rests === rests && sameStrength(earlier.strength, told.strength);
    if (same && earlier.workspace === workspace) continue;
    const target = `workspace/${workspace}`;
    const leaving: Leaving = { run, again: true };
    // Only who asks for it can be refused; what is started by itself finds out when it starts.
    const entering: Entering = { ...told, run, asked: ctx.command !== undefined };
    tell.push(
      rests ? { target, type: 'run.left', body: leaving } : { target, type: 'run.entered', body: entering },
    );
  }
  for (const [run, { workspace }] of was) {
    const body: Leaving = {
      run,
      again: Array.from(is.values()).some(
        (one) => one.workspace === workspace && one.agent === was.get(run)?.agent && one.agent !== null,
      ),
    };
    if (is.get(run)?.workspace !== workspace)
      tell.push({ target: `workspace/${workspace}`, type: 'run.left', body });
  }
  return { ...decision, tell: [...(decision.tell ?? []), ...tell] };
}
