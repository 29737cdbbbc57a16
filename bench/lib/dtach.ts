/** dtach: the least that keeps a program, with no screen of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../test/support/programs.ts';
import type { MaybeContestant } from './contestant.ts';
import { type Pinning, pinned } from './machine.ts';
import { atEnd, killQuietly } from './teardown.ts';
import { plainEnvironment, Terminal } from './terminal.ts';

export function dtach(pinning: Pinning): MaybeContestant {
  if (findProgram('dtach') === undefined) return { missing: 'dtach is not installed' };
  const directory = mkdtempSync('/tmp/skb-');
  const socket = (session: string) => join(directory, session);
  const env = plainEnvironment();
  const stop = atEnd(() => {
    for (const pid of mastersOf(directory)) killQuietly(pid);
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    use: {
      name: 'dtach',
      async start(session, argv) {
        const [command, words] = pinned(pinning, 'dtach', [
          '-n',
          socket(session),
          '-E',
          '-z',
          '-r',
          'none',
          ...argv,
        ]);
        execFileSync(command, words, { env, stdio: 'ignore' });
      },
      attach: (session) =>
        new Terminal('dtach', ['-a', socket(session), '-E', '-z', '-r', 'none'], { pinning, env }),
      stop,
    },
  };
}

/** dtach tells nobody its pid: its masters are found by the directory in their command line, which is ours alone. */
function mastersOf(directory: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return (
          pid > 0 &&
          pid !== process.pid &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${directory}/`)
        );
      } catch {
        return false;
      }
    });
}
