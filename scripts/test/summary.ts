/** The last two lines of a test run: what was skipped and why, and the counts. */

export interface Skip {
  what: string;
  why: string;
  /** Whether somebody gave the reason; a filter by test name skips without one. */
  told: boolean;
}

export interface Summary {
  passed: number;
  failed: number;
  skips: Skip[];
}

export const NOTHING_RAN: Summary = { passed: 0, failed: 0, skips: [] };

/** @param byName whether only tests of some name were asked for: what that leaves out is not a skip. */
export function lastLines(summary: Summary, byName: boolean): string {
  const skips = summary.skips.filter((skip) => skip.told || !byName);
  const skipped = skips.length === 0 ? 'none' : skips.map(({ what, why }) => `${what} (${why})`).join('; ');
  return `skipped: ${skipped}\n${summary.passed} passed, ${summary.failed} failed\n`;
}
