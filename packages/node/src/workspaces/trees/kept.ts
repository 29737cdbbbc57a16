/** Whether home has all that a tree holds which it has handed over: what is kept there is not lost with this machine. */
import { type GitOptions, gitText } from '../git.ts';
import { KEPT_REF } from './make-handed.ts';
import { snapshotOf } from './snapshot.ts';

export async function isKept(dir: string, options: GitOptions): Promise<boolean> {
  const asked = ['rev-parse', '--quiet', '--verify', `${KEPT_REF}^{commit}`];
  const kept = await gitText(dir, asked, { ...options, answers: 'any' });
  if (kept === '') return false;
  const { tip, left } = await snapshotOf(dir, options);
  return tip === kept && left.length === 0;
}
