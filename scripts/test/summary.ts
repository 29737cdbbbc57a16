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
  /** By agent, the tests that drive the real one through the product. */
  agents: Record<string, AgentTests>;
}

export interface AgentTests {
  passed: number;
  /** Failed, skipped, or left out by a filter. */
  others: number;
}

export const NOTHING_RAN: Summary = { passed: 0, failed: 0, skips: [], agents: {} };

/** The agent whose tests a file holds; undefined for all other files. */
export function agentOfFile(path: string): string | undefined {
  return /\/test\/agents\/product\/([\w-]+)\.test\.ts$/.exec(path)?.[1];
}

/** What was not shown of agents that had to be: a sentence for each, none when every test of each has passed. */
export function notShown({ agents }: Summary, wanted: readonly string[]): string[] {
  return wanted.flatMap((name) => {
    const { passed = 0, others = 0 } = agents[name] ?? {};
    if (passed > 0 && others === 0) return [];
    if (passed === 0) return [`${name}: none of its tests has passed`];
    return [`${name}: ${others} of its ${passed + others} tests failed or did not run`];
  });
}

/** @param byName whether only tests of some name were asked for: what that leaves out is not a skip. */
export function lastLines(summary: Summary, byName: boolean): string {
  const skips = summary.skips.filter((skip) => skip.told || !byName);
  const skipped = skips.length === 0 ? 'none' : skips.map(({ what, why }) => `${what} (${why})`).join('; ');
  return `skipped: ${skipped}\n${summary.passed} passed, ${summary.failed} failed\n`;
}
