/** What `--require-agents` asks of a run: that every agent was really driven, whatever the counts say. */
import { expect, test } from 'vitest';
import { agentOfFile, NOTHING_RAN, notShown } from '../../scripts/test/summary.ts';

test('a file of tests is of one agent, or of none', () => {
  expect(agentOfFile('/x/test/agents/product/codex.test.ts')).toBe('codex');
  expect(agentOfFile('/x/test/agents/real.test.ts')).toBeUndefined();
});

test('an agent is shown when all its tests have passed, and named when they have not', () => {
  const agents = {
    claude: { passed: 9, others: 0 },
    codex: { passed: 8, others: 1 },
    gemini: { passed: 0, others: 9 },
  };
  const lines = notShown({ ...NOTHING_RAN, agents }, ['claude', 'codex', 'gemini', 'opencode']);
  expect(lines.map((line) => line.replace(/:.*/, ''))).toEqual(['codex', 'gemini', 'opencode']);
  expect(notShown({ ...NOTHING_RAN, agents }, ['claude'])).toEqual([]);
});
