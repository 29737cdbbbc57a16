/** What a host tells its node of a run. */
import type { HostedRunInfo } from './control.ts';
import type { HostedRun } from './run.ts';

/** A run with all that there is to tell of it now. */
export function infoOf({ hosted, start }: { hosted: HostedRun; start: string }): HostedRunInfo {
  return {
    run: hosted.run,
    pid: hosted.pid,
    start,
    head: hosted.head,
    ...presenceOf(hosted),
    exit: hosted.exit ?? null,
  };
}

/** Who looks at a run, and who types. */
export function presenceOf({ attached, size, who, typing }: HostedRun) {
  const typed = typing.last;
  return { attached, ...size, who, ...(typed === undefined ? {} : { typed }) };
}
