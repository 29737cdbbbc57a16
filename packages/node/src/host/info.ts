/** What a host tells its node of a run. */
import type { HostedRunInfo } from './control.ts';
import type { Hosted } from './hosted.ts';

/** A run with all that there is to tell of it now. */
export function infoOf({ hosted, start }: { hosted: Hosted; start: string }): HostedRunInfo {
  return {
    run: hosted.run,
    pid: hosted.pid,
    start,
    head: hosted.head,
    ...presenceOf(hosted),
    exit: hosted.exit ?? null,
    ...(hosted.kind === 'pipe' ? { kind: hosted.kind } : {}),
    ...(hosted.stderr === undefined ? {} : { stderr: hosted.stderr }),
  };
}

/** Who looks at a run, and who types. */
export function presenceOf({ attached, size, who, typing }: Hosted) {
  const { last: typed, since: typists = [] } = typing ?? {};
  return { attached, ...size, who, ...(typed === undefined ? {} : { typed, typists }) };
}
