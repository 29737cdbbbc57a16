/**
 * Strangers compute on machines of their own. Here they share one with what they attack, so that their process takes only what
 * time of the processors nobody else wants.
 */
import { spawnSync } from 'node:child_process';

/** Runs `work` so; what it starts meanwhile yields likewise. Without the system's help (util-linux) it runs as ever. */
export async function asIfElsewhere<T>(work: () => Promise<T>): Promise<T> {
  schedule('--idle');
  try {
    return await work();
  } finally {
    schedule('--other');
  }
}

function schedule(policy: '--idle' | '--other'): void {
  if (process.platform === 'linux')
    spawnSync('chrt', ['--all-tasks', policy, '--pid', '0', String(process.pid)], { stdio: 'ignore' });
}
