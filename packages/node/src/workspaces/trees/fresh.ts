/** How fresh a tree is whose agent runs on another machine: for those who look at it, and for what lands (rule W5). */
import { setTimeout as sleep } from 'node:timers/promises';
import { PASSING, SkeinError } from '@skein/protocol/errors';
import type { Fresh } from '@skein/protocol/workspaces/asks';
import { LandingStop } from '../landing/stop.ts';
import type { Brought, Trees } from './trees.ts';

/** Milliseconds for which a landing waits for a machine that is away; and between two tries to reach it. */
const AWAY_MS = 60_000;
const AGAIN_MS = 500;
/** Milliseconds for its tree there to go on from what has landed. */
const GO_ON_MS = 10_000;

export function freshFrom({ node, at, doing, left }: Brought): Omit<Fresh, 'why'> {
  return { node, at, doing, left };
}

/** What is there now, or was brought last and why it is not newer; undefined for a tree whose agent works here, or is not there yet. */
export async function freshOf(
  trees: Trees,
  workspace: string,
  signal: AbortSignal,
): Promise<Fresh | undefined> {
  try {
    return { ...freshFrom(await trees.bring(workspace, signal)), why: null };
  } catch (thrown) {
    const last = await trees.last(workspace);
    return last === undefined ? undefined : { ...freshFrom(last), why: SkeinError.from(thrown).message };
  }
}

/** Before it lands. `as`: as it was brought last. Throws LandingStop. */
export async function broughtFor(
  trees: Trees,
  workspace: string,
  signal: AbortSignal,
  as: boolean,
): Promise<void> {
  if (!(await trees.isFar(workspace))) return;
  if (as) return trees.settled(workspace);
  try {
    checkWhole(await patiently(() => trees.bring(workspace, signal, true), signal));
  } catch (thrown) {
    if (thrown instanceof LandingStop || signal.aborted) throw thrown;
    const { message } = SkeinError.from(thrown);
    const last = await trees.last(workspace);
    if (last === undefined) throw new LandingStop(`Nothing of it was brought here yet: ${message}`);
    const at = new Date(last.at).toISOString().slice(0, 16).replace('T', ' ');
    throw new LandingStop(
      `What the agent has done could not be brought here: ${message} What was brought last is of ${at} UTC; to land that: skein land --brought`,
    );
  }
}

/** After it has landed. What cannot be reached now goes on from it when it is brought next. */
export async function goOnFar(trees: Trees, workspace: string): Promise<void> {
  if (!(await trees.isFar(workspace))) return;
  await trees.bring(workspace, AbortSignal.timeout(GO_ON_MS), true).catch(() => {});
}

/** Links that are cut come back: only one that stays away keeps it from landing. */
async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const until = performance.now() + AWAY_MS;
  for (;;)
    try {
      return await work();
    } catch (thrown) {
      const passing = PASSING.includes(SkeinError.from(thrown).code);
      if (!passing || signal.aborted || performance.now() > until) throw thrown;
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
}

function checkWhole({ node, doing, left }: Brought): void {
  if (doing !== null)
    throw new LandingStop(
      `The agent is in the middle of a ${doing} on ${node}. Let it come to its end, then land again.`,
    );
  if (left.length === 0) return;
  const are = left.length === 1 ? 'is a repository of its own' : 'are repositories of their own';
  throw new LandingStop(
    `${left.slice(0, 3).join(', ')} on ${node} ${are}, and would not come along. Let the agent move what is there elsewhere, or make a submodule of it.`,
    { paths: left },
  );
}
