/** A user's command for when a workspace is made or goes: run by `sh` in it, for a limited time, with a small environment. */
import type { Hook } from '@skein/protocol/workspaces/commands';
import { MAX_HOOK_OUTPUT } from '@skein/protocol/workspaces/limits';
import { runGroup } from '../../platform/group.ts';
import { withoutPasswords } from '../passwords.ts';
import { plainEnvironment } from '../plain-environment.ts';

/** What is added to the end of its output when it did not end by itself. */
const ROOM = 200;

export interface HookEnd {
  ok: boolean;
  code: number | null;
  /** The last of what it printed, on stdout and stderr as they came; and why it was ended, if it was. */
  output: string;
}

export interface HookPlace {
  root: string;
  env: Record<string, string>;
  signal?: AbortSignal | undefined;
}

export async function runHook(
  { command, timeout }: Hook,
  { root, env, signal }: HookPlace,
): Promise<HookEnd & { aborted: boolean }> {
  const end = await runGroup(['/bin/sh', '-c', command], {
    cwd: root,
    env: { ...plainEnvironment(), TERM: 'dumb', ...env },
    ...{ timeout, signal, most: MAX_HOOK_OUTPUT, joined: true },
  });
  const ok = end.why === 'exit' && end.code === 0;
  const printed = withoutPasswords(end.stdout.toString('utf8'));
  const why = end.why === 'timeout' ? `It took longer than ${timeText(timeout)}, and was ended.` : '';
  const kept = printed.slice(-(MAX_HOOK_OUTPUT - ROOM));
  const apart = kept === '' || kept.endsWith('\n') ? '' : '\n';
  return {
    ok,
    code: end.code,
    output: why === '' ? kept : `${kept}${apart}${why}`,
    aborted: end.why === 'aborted',
  };
}

function timeText(ms: number): string {
  return ms < 120_000 ? `${ms / 1000} s` : `${Math.round(ms / 60_000)} min`;
}
