/** Whether a write under a claim is a conflict, and who may have made it (rule W4). Pure. */
import type { Holder } from '@skein/protocol/workspaces/holder';
import type { Claim, RunIn } from '@skein/protocol/workspaces/state';
import type { Evidence } from './evidence.ts';

export interface Writing {
  path: string;
  /** The claims that the path is under. */
  claims: readonly string[];
  at: number;
}

export interface Judgement {
  claim: Claim;
  /** Who may have written, the holder apart; nobody known means people, or programs outside. */
  writers: RunIn[];
}

/**
 * Undefined when the write is explained: it was let through, or the holder's own shell was at work, or nobody is known but the
 * holder who may have made it. Which of two shells it was nobody can tell: the doubt is the holder's.
 */
export function judge(write: Writing, evidence: Evidence): Judgement | undefined {
  const { path, at } = write;
  const claims = evidence.claimsAt(write.claims, at);
  const [claim] = claims;
  if (claim === undefined || evidence.wasLetThrough(path, at) || claims.some(ofLanding)) return undefined;
  const there = evidence.runsAt(at);
  const mine = (run: RunIn) => claims.some(({ holder }) => holds(holder, run));
  if (there.some((run) => mine(run) && run.agent !== null && evidence.ranShell(run.run, at)))
    return undefined;
  const others = there.filter((run) => !mine(run) && mayWrite(run, evidence, at));
  if (others.length > 0) return { claim, writers: others };
  const own = claims.some(({ holder }) => holder.kind === 'person');
  if (own || there.some((run) => mine(run) && mayWriteOwn(run, evidence, at))) return undefined;
  return { claim, writers: [] };
}

/** Of what lands from elsewhere only that is known here: it holds the paths while it writes them. */
function ofLanding({ holder, implicit }: Claim): boolean {
  return implicit && holder.kind === 'person';
}

function holds(holder: Holder, { run }: RunIn): boolean {
  return holder.kind === 'run' && holder.run === run;
}

/** Whether a run may have written what it holds no claim of. */
function mayWrite({ run, agent, strength }: RunIn, evidence: Evidence, at: number): boolean {
  if (strength.shell === 'enforced') return false;
  return agent === null || strength.files === 'watched' || evidence.ranShell(run, at);
}

/** Whether it may have written what it holds, with no call let through: in a sandbox it may. */
function mayWriteOwn(run: RunIn, evidence: Evidence, at: number): boolean {
  return run.strength.shell === 'enforced' || mayWrite(run, evidence, at);
}
