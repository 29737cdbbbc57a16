/**
 * Runs the tests: `npm test`, or `npm test -- kernel -t 'some name'`, whose words go to vitest.
 *
 * The last line is `N passed, N failed`, the one before names what was skipped and why. `--require-agents` makes tests
 * of agent programs fail where the program is missing, instead of being skipped, and the run fail, with the agents' names, if not
 * every test that drives one of them through the product has run and passed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PINS } from './agents/pins.ts';
import { lastLines, NOTHING_RAN, notShown, type Summary } from './test/summary.ts';

const ROOT = dirname(import.meta.dirname);
const REQUIRE_AGENTS = '--require-agents';

const words = process.argv.slice(2);
const vitestWords = words.filter((word) => word !== REQUIRE_AGENTS);
const byName = words.some((word) => /^(-t|--testNamePattern)/.test(word));

const scratch = mkdtempSync(join(tmpdir(), 'skein-test-'));
const summaryFile = join(scratch, 'summary.json');

function vitestProgram(): string {
  const manifest = createRequire(import.meta.url).resolve('vitest/package.json');
  return join(dirname(manifest), 'vitest.mjs');
}

function readSummary(): Summary {
  try {
    return JSON.parse(readFileSync(summaryFile, 'utf8'));
  } catch {
    return NOTHING_RAN;
  }
}

const env: NodeJS.ProcessEnv = { ...process.env, SKEIN_TEST_SUMMARY: summaryFile };
if (words.includes(REQUIRE_AGENTS)) env.SKEIN_REQUIRE_AGENTS = '1';
const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'scripts/test/reporter.ts')}`];
const run = spawnSync(process.execPath, [vitestProgram(), 'run', ...reporters, ...vitestWords], {
  cwd: ROOT,
  env,
  stdio: 'inherit',
});
const summary = readSummary();
rmSync(scratch, { recursive: true, force: true });

/** Each agent alone, and all of them in one session. */
const WANTED = [...Object.values(PINS).flatMap(({ name, optional }) => (optional ? [] : [name])), 'together'];
const missed = words.includes(REQUIRE_AGENTS) ? notShown(summary, WANTED) : [];

const ran = summary.passed + summary.failed > 0;
if (!ran) process.stderr.write('no test ran\n');
else if (run.status !== 0 && summary.failed === 0)
  process.stderr.write('every test passed, but the run itself failed\n');
for (const line of missed) process.stderr.write(`required, but not shown: ${line}\n`);
process.stdout.write(`\n${lastLines(summary, byName)}`);
process.exitCode = ran && run.status === 0 && summary.failed === 0 && missed.length === 0 ? 0 : 1;
