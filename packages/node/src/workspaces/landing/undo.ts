/** Takes a landing back (rule W5): the branch is as it was if nothing came after it, else gets a commit that undoes it. Done again after it was cut off, it comes to the same. */
import { type GitOptions, git, gitList, gitText } from '../git.ts';
import { forgetMoves, isWithin, moveBranch, resumeMove, tipOf } from './branch-move.ts';
import { anyHeld } from './branch-trees.ts';
import { endLeftovers, MARK } from './leftovers.ts';
import { BranchMoved, LandingStop, named } from './stop.ts';
import { checkIdentity, NAMED_ONLY } from './work.ts';

export interface UndoPlan {
  landing: string;
  /** What people call the work. */
  name: string;
  base: string;
  onto: string;
  before: string;
  after: string;
  hold(dir: string, paths: readonly string[]): Promise<void>;
}

export interface Undone {
  /** What the branch is at now. */
  at: string;
  /** Whether it has a commit for that, on top of what came after the landing. */
  reverted: boolean;
  message: string;
}

const ROUNDS = 5;

/** Under it a landing that was taken out of its branch is kept: nothing is lost with a worktree that goes. */
const kept = (landing: string) => `refs/skein/undone/${landing}`;
/** Names of its moves: of the work's own branch when it has landed, and back. */
export const followId = (landing: string) => `${landing}-from`;
const undoId = (landing: string) => `${landing}-undo`;

/** Throws LandingStop when it cannot be: all is then as it was. */
export async function undo(plan: UndoPlan, given: GitOptions, resumed = false): Promise<Undone> {
  const { landing, base, onto, before, after } = plan;
  const options = { ...given, env: { ...given.env, [MARK]: landing } };
  if (resumed) await endLeftovers(landing);
  const id = undoId(landing);
  const moved = await resumeMove({ id, repository: base, branch: onto }, options);
  if (moved !== undefined) return undone(plan, moved.to);
  await git(base, ['update-ref', kept(landing), after], options);
  for (let round = 1; ; round++) {
    const tip = await tipOf(base, onto, options);
    if (tip === undefined) throw new LandingStop(`Branch ${onto} is not there any more.`);
    if (!(await isWithin(base, after, tip, options).catch(() => false)))
      throw new LandingStop(`${onto} does not hold this landing any more: somebody has rewritten it.`);
    const to = tip === after ? before : await revertOf(plan, tip, options);
    try {
      const move = { id, repository: base, branch: onto, from: tip, to, hold: plan.hold };
      await moveBranch({ ...move, reason: `skein land --undo: ${plan.name}` }, options);
      return undone(plan, to);
    } catch (error) {
      if (!(error instanceof BranchMoved) || round === ROUNDS) throw error;
    }
  }
}

/** Ends moves of it that were left in the middle, as on a full disk: finishes them, or takes them back. False when that cannot be now. */
export async function endMoves(
  base: string,
  { landing, onto, branch }: { landing: string; onto: string; branch: string },
  options: GitOptions,
): Promise<boolean> {
  const moves = { [landing]: onto, [followId(landing)]: branch, [undoId(landing)]: onto };
  if (!(await anyHeld(base, Object.keys(moves), options).catch(() => false))) return true;
  await endLeftovers(landing);
  try {
    for (const [id, of] of Object.entries(moves))
      await resumeMove({ id, repository: base, branch: of }, options);
    return true;
  } catch {
    return false;
  }
}

/** When the end of it is recorded elsewhere. */
export async function forgetLanding(base: string, landing: string, options: GitOptions): Promise<void> {
  await forgetMoves(base, [landing, followId(landing), undoId(landing)], options);
}

function undone({ landing, onto, before }: UndoPlan, at: string): Undone {
  const short = at.slice(0, 10);
  if (at === before)
    return {
      at,
      reverted: false,
      message: `${onto} is as it was, at ${short}. What had landed is kept as ${kept(landing)}.`,
    };
  return {
    at,
    reverted: true,
    message: `${onto} has commit ${short}, which undoes it: others had come after it.`,
  };
}

/** A commit on top that takes the landing's changes out again, made without any tree. */
async function revertOf(plan: UndoPlan, tip: string, options: GitOptions): Promise<string> {
  const { base, name, before, after, onto } = plan;
  await checkIdentity(base, options);
  const who = { ...options, ...NAMED_ONLY(options) };
  // What there was before, as if it came after the landing: brought onto the tip, it takes out just that.
  const back = await gitText(base, ['commit-tree', '-p', after, `${before}^{tree}`], {
    ...who,
    input: 'back\n',
  });
  const merged = await git(
    base,
    ['merge-tree', '--write-tree', '--no-messages', '--name-only', '-z', tip, back],
    {
      ...options,
      answers: [0, 1],
    },
  );
  const [tree = '', ...paths] = merged.stdout
    .toString('utf8')
    .split('\0')
    .filter((one) => one !== '');
  if (merged.code === 1)
    throw new LandingStop(
      `What came after this landing has changed the same: ${named(paths)}. Undo that first, or undo this by hand: git revert ${before.slice(0, 10)}..${after.slice(0, 10)}`,
      { paths },
    );
  const commits = await gitList(base, ['log', '-z', '--format=%h %s', `${before}..${after}`], options);
  const input = `Undo the landing of ${name}\n\nThis takes out of ${onto} again:\n${commits.map((one) => `  ${one}\n`).join('')}`;
  return gitText(base, ['commit-tree', '-p', tip, tree], { ...who, input });
}
