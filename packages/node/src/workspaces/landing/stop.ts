/** A landing that goes no further: in words for a person, with the paths that it is about. Nothing of anybody's has been changed. */
import { SkeinError } from '@skein/protocol/errors';
import { MAX_WORKSPACE_PATH } from '@skein/protocol/workspaces/limits';

/** Paths that are told of many; and of those, named in a sentence. */
const TOLD = 100;
const NAMED = 5;

export class LandingStop extends SkeinError {
  readonly paths: string[];
  /** The last of what a check or a hook printed. */
  readonly output: string;
  /** There was nothing to land. */
  readonly nothing: boolean;

  constructor(
    message: string,
    {
      paths = [],
      output = '',
      nothing = false,
    }: { paths?: readonly string[]; output?: string; nothing?: boolean } = {},
  ) {
    super('landing_stopped', message, { paths: paths.slice(0, TOLD) });
    this.paths = paths.slice(0, TOLD).map((path) => path.slice(0, MAX_WORKSPACE_PATH));
    this.output = output;
    this.nothing = nothing;
  }
}

/** The branch is elsewhere than it was a moment ago: what was made for it there is made again. */
export class BranchMoved extends Error {}

/** Some paths as words: nothing in them moves a cursor. */
export function named(paths: readonly string[]): string {
  const shown = paths
    .slice(0, NAMED)
    .map((path) => (/[\0-\x1f\x7f]/.test(path) ? JSON.stringify(path) : path));
  const more = paths.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
