/**
 * Lands what a tree has on a branch (rule W5): commits what is not committed, rebases or merges off to the side, runs a check there,
 * and then moves the branch and the trees that have it. Knows of directories alone. Done again after it was cut off anywhere, it
 * finds what was under way, and comes to the same.
 */
import type { Hook } from '@skein/protocol/workspaces/commands';
import { type GitOptions, git, gitText } from '../git.ts';
import { runHook } from '../making/hook.ts';
import { moveBranch, resumeMove, tipOf } from './branch-move.ts';
import { bring, clearScratch } from './bring.ts';
import { changedBetween, SUBMODULE } from './changed.ts';
import { forgetKept, type Kept } from './kept.ts';
import { CHECK_MARK, endLeftovers, MARK } from './leftovers.ts';
import { letGo, Uncommitted } from './put-back.ts';
import { BranchMoved, LandingStop, named } from './stop.ts';
import { followId } from './undo.ts';
import { type Earlier, type Sides, upstreamOf } from './upstream.ts';
import { checkIdentity, commitWork, lookAtWork } from './work.ts';

export interface LandingPlan {
  landing: string;
  /** The tree whose work it is, and what that is called. */
  from: string;
  name: string;
  /** The repository's own tree, or a bare repository. */
  base: string;
  /** The branch; of the base when null. */
  onto: string | null;
  how: 'rebase' | 'merge';
  check: Hook | null;
  /** For the commit of what is not committed, or the merge's. */
  message: string | null;
  /** Where a tree off to the side can be made. */
  scratch: string;
  /** The newest first. */
  earlier: readonly Earlier[];
}

export type LandingStep = 'commit' | 'bring' | 'check' | 'move';

export interface LandingFacts {
  step: LandingStep;
  branch: string;
  onto: string;
  before: string | null;
  after: string | null;
  head: string | null;
  commits: number;
  output: string;
}

export interface LandingPorts {
  /** Told before each step; resolves when that is durable. Throws to go no further. */
  step(facts: LandingFacts): Promise<void>;
  /** Called for each tree before it is touched: throws when somebody else is to write there. */
  hold(dir: string, paths: readonly string[]): Promise<void>;
  options: GitOptions;
}

export type Landed = Omit<LandingFacts, 'step'> & {
  before: string;
  after: string;
  /** What is to be told, though it has landed. */
  message: string | null;
};

type Made = LandingFacts & { head: string; before: string; after: string };

/** How often it is done again because the branch has moved meanwhile. */
const ROUNDS = 5;

/** `known`: what was told of it before the node was killed. Throws LandingStop when it stops; then nothing is changed. */
export async function land(
  plan: LandingPlan,
  ports: LandingPorts,
  known?: Partial<Omit<LandingFacts, 'step'>>,
): Promise<Landed> {
  const { base, scratch } = plan;
  const options = { ...ports.options, env: { ...ports.options.env, [MARK]: plan.landing } };
  const marked = { ...ports, options };
  try {
    if (known !== undefined) {
      await endLeftovers(plan.landing);
      await letGo(plan.from, plan.landing, options);
    }
    const before = await finished(plan, marked, known);
    return before ?? (await begin(plan, marked));
  } finally {
    await clearScratch(base, scratch, withoutEnd(options)).catch(() => {});
    forgetKept(keptOf(plan));
  }
}

const keptOf = ({ landing, scratch }: LandingPlan): Kept => ({ landing, kept: `${scratch}.index` });

/** Cleaning up goes on when everything else is to end. */
function withoutEnd({ signal: _, ...options }: GitOptions): GitOptions {
  return options;
}

/** A landing whose branch had moved when the node was killed. */
async function finished(
  plan: LandingPlan,
  ports: LandingPorts,
  known: Partial<Omit<LandingFacts, 'step'>> | undefined,
): Promise<Landed | undefined> {
  const { branch, onto, head } = known ?? {};
  if (branch === undefined || onto === undefined || onto === '') return undefined;
  const moved = await resumeMove({ id: plan.landing, repository: plan.base, branch: onto }, ports.options);
  if (head === undefined || head === null) return undefined;
  await resumeMove({ id: followId(plan.landing), repository: plan.base, branch }, ports.options);
  if (moved === undefined) return undefined;
  const { from: before, to: after } = moved;
  const commits = await countCommits(plan.base, before, after, ports.options);
  const facts = { branch, onto, before, after, head, commits, output: known?.output ?? '' };
  return { ...facts, message: await told(plan, facts, ports) };
}

async function begin(plan: LandingPlan, ports: LandingPorts): Promise<Landed> {
  const { options } = ports;
  const { base, from, landing } = plan;
  const work = await lookAtWork(from, options);
  const uncommitted = await Uncommitted.of(from, work, keptOf(plan), withoutEnd(options));
  let made: Made;
  try {
    const { branch } = work;
    const facts = { step: 'commit' as const, branch, onto: plan.onto ?? (await branchOf(base, options)) };
    await checkSides(plan, facts, options);
    const none = { before: null, after: null, head: null, commits: 0, output: '' };
    await ports.step({ ...facts, ...none });
    const head = await commitWork(from, work, plan.message ?? `Work of ${plan.name}`, uncommitted, options);
    made = await moveOn(plan, { ...facts, ...none, head }, ports);
  } catch (error) {
    throw await uncommitted.putBack(landing, error);
  }
  return { ...made, message: await told(plan, made, ports) };
}

/** Throws LandingStop where there are no two branches, or nobody to commit as. */
async function checkSides(
  { base, from }: LandingPlan,
  { branch, onto }: Pick<LandingFacts, 'branch' | 'onto'>,
  options: GitOptions,
): Promise<void> {
  if (branch === onto)
    throw new LandingStop(`${from} is on ${onto} itself. Make a branch of its own there: git switch -c NAME`);
  if ((await tipOf(base, onto, options)) === undefined)
    throw new LandingStop(
      `There is no branch ${onto} in ${base}, or no commit on it yet. Give one that is there with --onto`,
    );
  await checkIdentity(from, options);
}

/** Brings it on and moves the branch; again while that moves. */
async function moveOn(
  plan: LandingPlan,
  facts: LandingFacts & { head: string },
  ports: LandingPorts,
): Promise<Made> {
  const { base, landing } = plan;
  const { onto, branch, head } = facts;
  for (let round = 1; ; round++) {
    const before = await tipOf(base, onto, ports.options);
    if (before === undefined) throw new LandingStop(`Branch ${onto} is not there any more.`);
    const made = await make(plan, { ...facts, before }, { branch, tip: head, onto, ontoTip: before }, ports);
    try {
      await ports.step({ ...made, step: 'move' });
      const move = { id: landing, repository: base, branch: onto, from: before, to: made.after };
      await moveBranch(
        { ...move, reason: `skein land: ${plan.name} (${plan.how})`, hold: ports.hold },
        ports.options,
      );
      return made;
    } catch (error) {
      if (!(error instanceof BranchMoved)) throw error;
      if (round === ROUNDS)
        throw new LandingStop(
          `${onto} has moved ${ROUNDS} times while this was landing. Land again when it is calmer.`,
        );
    }
  }
}

/** What the branch would be, checked. */
async function make(
  plan: LandingPlan,
  facts: LandingFacts & { head: string; before: string },
  sides: Sides,
  ports: LandingPorts,
): Promise<Made> {
  const { options } = ports;
  const { base, scratch, name, check } = plan;
  await ports.step({ ...facts, step: 'bring' });
  const from = await upstreamOf(base, sides, plan.earlier, options);
  const message = plan.message ?? `Merge the work of ${name}`;
  const after = await bring(
    { ...sides, ...from, repository: base, scratch, how: plan.how, message },
    options,
  );
  const commits = await countCommits(base, facts.before, after, options);
  if (commits === 0)
    throw new LandingStop(`There is nothing to land: ${sides.onto} has all that ${sides.branch} has.`, {
      nothing: true,
    });
  const made = { ...facts, after, commits };
  if (check === null) return made;
  await ports.step({ ...made, step: 'check' });
  const env = { ...options.env, [CHECK_MARK]: plan.landing };
  const end = await runHook(check, { root: scratch, env, signal: options.signal });
  if (end.ok) return { ...made, output: end.output };
  const how_ = end.code === null ? 'was ended' : `ended with ${end.code}`;
  throw new LandingStop(`The check ${how_}: ${check.command}. ${sides.onto} is as it was.`, {
    output: end.output,
  });
}

/** What somebody should know though it has landed; null for nothing. */
async function told(
  plan: LandingPlan,
  landed: Pick<Landed, 'branch' | 'head' | 'before' | 'after'>,
  ports: LandingPorts,
): Promise<string | null> {
  const stays = await follow(plan, landed, ports);
  const entries = await changedBetween(plan.base, landed.before, landed.after, ports.options);
  const submodules = entries.filter(({ to }) => to?.mode === SUBMODULE).map((entry) => entry.path);
  const those =
    submodules.length === 0
      ? null
      : `Of ${named(submodules)} another commit is wanted now: git submodule update`;
  const all = [stays, those].filter((one) => one !== null);
  return all.length === 0 ? null : all.join('\n');
}

/** The work's own branch goes on from where it has landed, so that its next landing is of what is new. Returns why it does not. */
async function follow(
  plan: LandingPlan,
  { branch, head, after }: Pick<Landed, 'branch' | 'head' | 'after'>,
  ports: LandingPorts,
): Promise<string | null> {
  if (head === null || head === after) return null;
  const move = { id: followId(plan.landing), repository: plan.base, branch, from: head, to: after };
  try {
    await moveBranch({ ...move, reason: 'skein land: landed', hold: async () => {} }, ports.options);
    return null;
  } catch (error) {
    // It was there already, or somebody goes on in it: what has landed is known all the same.
    if ((await tipOf(plan.base, branch, ports.options)) === after || error instanceof BranchMoved)
      return null;
    return `${plan.from} stays where it was: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Throws LandingStop for a base that is on none. */
async function branchOf(base: string, options: GitOptions): Promise<string> {
  const ref = await gitText(base, ['symbolic-ref', '--quiet', 'HEAD'], { ...options, answers: 'any' });
  if (!ref.startsWith('refs/heads/'))
    throw new LandingStop(
      `${base} is on no branch (detached HEAD). Say which branch to land on: --onto BRANCH`,
    );
  return ref.slice('refs/heads/'.length);
}

async function countCommits(
  dir: string,
  before: string,
  after: string,
  options: GitOptions,
): Promise<number> {
  const { stdout } = await git(dir, ['rev-list', '--count', `${before}..${after}`], options);
  return Number(stdout.toString('utf8'));
}
