/** Counts what vitest ran and notes what it skipped and why, in the file that SKEIN_TEST_SUMMARY names. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';
import { agentOfFile, type Skip, type Summary } from './summary.ts';

/** What `needs` puts at the end of a title. */
const REASON = /^(.*?) \[skipped: (.*)\]$/;

const NO_REASON = 'no reason given';

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const summary: Summary = { passed: 0, failed: unhandled.length, skips: [], agents: {} };
    for (const module of modules) {
      if (module.errors().length > 0) summary.failed += 1;
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) summary.failed += 1;
        const skip = skipOfSuite(suite);
        if (skip !== undefined) summary.skips.push(skip);
      }
      for (const test of module.children.allTests()) count(test, summary);
      countAgent(module, summary);
    }
    const file = process.env.SKEIN_TEST_SUMMARY;
    if (file !== undefined) writeFileSync(file, JSON.stringify(summary));
  }
}

function countAgent(module: TestModule, { agents }: Summary): void {
  const agent = agentOfFile(module.moduleId);
  if (agent === undefined) return;
  const states = [...module.children.allTests()].map((test) => test.result().state);
  const passed = states.filter((state) => state === 'passed').length;
  agents[agent] = { passed, others: states.length - passed };
}

function count(test: TestCase, summary: Summary): void {
  const result = test.result();
  if (result.state === 'passed') summary.passed += 1;
  else if (result.state === 'failed') summary.failed += 1;
  else if (result.state === 'skipped' && !isInSkippedSuite(test)) {
    summary.skips.push({
      what: test.fullName,
      why: result.note ?? NO_REASON,
      told: result.note !== undefined,
    });
  }
}

/** A skip is told once, by the outermost suite that was skipped. */
function skipOfSuite(suite: TestSuite): Skip | undefined {
  if (!isSkipped(suite) || isInSkippedSuite(suite)) return undefined;
  const told = REASON.exec(suite.fullName);
  if (told === null) return { what: suite.fullName, why: NO_REASON, told: false };
  return { what: told[1] ?? suite.fullName, why: told[2] ?? NO_REASON, told: true };
}

function isSkipped(suite: TestSuite): boolean {
  return suite.options.mode === 'skip' || suite.options.mode === 'todo';
}

function isInSkippedSuite(inner: TestCase | TestSuite): boolean {
  let outer = inner.parent;
  while (outer.type === 'suite') {
    if (isSkipped(outer)) return true;
    outer = outer.parent;
  }
  return false;
}
