/** A node that lands, or undoes a landing, and is killed: `crash.fixture.ts PLAN_FILE`. Steps go to a file as they would to the log. */
import fs from 'node:fs';
import type { GitOptions } from '../git.ts';
import { type LandingPlan, land } from './land.ts';
import { type UndoPlan, undo } from './undo.ts';

export interface Killed {
  plan: LandingPlan | null;
  undo: Omit<UndoPlan, 'hold'> | null;
  env: Record<string, string>;
  steps: string;
}

const file = process.argv[2];
if (file !== undefined) {
  const killed = JSON.parse(fs.readFileSync(file, 'utf8')) as Killed;
  const options: GitOptions = { env: { ...killed.env, KILL_PID: String(process.pid) } };
  const hold = async () => {};
  const step = async (facts: object) => fs.writeFileSync(killed.steps, JSON.stringify(facts));
  if (killed.plan !== null) await land(killed.plan, { options, step, hold });
  if (killed.undo !== null) await undo({ ...killed.undo, hold }, options);
}
