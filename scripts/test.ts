/**
 * Runs the tests: `npm test`, or `npm test -- kernel -t 'some name'`, whose words go to vitest.
 *
 * The last line is `N passed, N failed`, the one before names what was skipped and why. `--require-agents` makes tests
 * of agent programs fail where the program is missing, instead of being skipped.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lastLines, NOTHING_RAN, type Summary } from './test/summary.ts';

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

const ran = summary.passed + summary.failed > 0;
if (!ran) process.stderr.write('no test ran\n');
else if (run.status !== 0 && summary.failed === 0)
  process.stderr.write('every test passed, but the run itself failed\n');
process.stdout.write(`\n${lastLines(summary, byName)}`);
process.exitCode = ran && run.status === 0 && summary.failed === 0 ? 0 : 1;
