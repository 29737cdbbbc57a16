/** tmux on a server of its own, with no configuration and no status line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { findProgram } from '../../test/support/programs.ts';
import type { Contestant, MaybeContestant } from './contestant.ts';
import { type Pinning, pinned } from './machine.ts';
import { atEnd, killQuietly } from './teardown.ts';
import { plainEnvironment, Terminal } from './terminal.ts';

/** Lines of history, as many as the rows on painting make. */
const HISTORY = '50000';

export interface Tmux extends Contestant {
  serverPid(): number;
}

export function tmux(pinning: Pinning): MaybeContestant & { use?: Tmux } {
  if (findProgram('tmux') === undefined) return { missing: 'tmux is not installed' };
  return { use: newTmux(pinning) };
}

function newTmux(pinning: Pinning): Tmux {
  const server = ['-L', `skein-bench-${randomBytes(4).toString('hex')}`, '-f', '/dev/null'];
  const env = plainEnvironment();
  let pid: number | undefined;
  const stop = atEnd(() => {
    if (pid === undefined) return;
    spawnSync('tmux', [...server, 'kill-server'], { env, stdio: 'ignore' });
    killQuietly(pid);
  });
  const serverPid = () => {
    const told = execFileSync('tmux', [...server, 'display-message', '-p', '#{pid}'], {
      env,
      encoding: 'utf8',
    });
    return Number(told.trim());
  };
  return {
    name: 'tmux',
    async start(session, argv) {
      const words = [
        ...server,
        ...(pid === undefined
          ? [
              'start-server',
              ';',
              'set',
              '-g',
              'history-limit',
              HISTORY,
              ';',
              'set',
              '-g',
              'status',
              'off',
              ';',
            ]
          : []),
      ];
      const [command, all] = pinned(pinning, 'tmux', [
        ...words,
        'new-session',
        '-d',
        '-x',
        '80',
        '-y',
        '24',
        '-s',
        session,
        ...argv,
      ]);
      execFileSync(command, all, { env, stdio: 'ignore' });
      pid ??= serverPid();
    },
    attach: (session) => new Terminal('tmux', [...server, 'attach', '-t', session], { pinning, env }),
    stop,
    serverPid,
  };
}
