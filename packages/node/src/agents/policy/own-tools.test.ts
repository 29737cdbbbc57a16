/** Skein's own tools need not be asked about, unless the user says so (rules A5, N1). */
import { ASKED, UNASKED } from '@skein/protocol/tools/unasked';
import { expect, test } from 'vitest';
import { builtIn } from '../definitions/built-in.ts';
import { decide, type Policy, type PolicyRule } from './decide.ts';
import { OWN_TOOLS, OWN_TOOLS_RULE } from './own-tools.ts';

function answer(tool: string, ...rules: Pick<PolicyRule, 'answer' | 'when'>[]) {
  const theirs: Policy = { stricter: false, rules: rules.map((one) => ({ ...one, rule: 'mine' })) };
  const call = { tool, kind: 'other' as const, paths: null, command: null, role: null };
  return decide([theirs, OWN_TOOLS], { agent: 'claude', ...call, cwd: ['/w'], homes: ['/h'] });
}

test('[N1] a tool that the capability bounds is allowed, as each agent calls it; what does more is asked about', () => {
  for (const name of UNASKED)
    for (const called of [`mcp__skein__${name}`, `skein.${name}`])
      expect(answer(called)).toEqual({ answer: 'allow', rule: OWN_TOOLS_RULE });
  const others = [
    'mcp__skein__type',
    'skein.land',
    'mcp__other__list',
    'list',
    'Bash',
    'mcp__skein__list__x',
  ];
  for (const called of others) expect(answer(called).answer).toBe('ask');
});

test('[N1] OpenCode, which asks for nothing by itself, is told to ask for those', () => {
  const told = builtIn('opencode')?.env.OPENCODE_PERMISSION;
  const asked = JSON.parse(typeof told === 'string' ? told : '{}');
  expect(ASKED.map((name) => asked[`skein_${name}`])).toEqual(ASKED.map(() => 'ask'));
});

test("[A5] the user's rules come first", () => {
  expect(answer('mcp__skein__spawn', { answer: 'deny', when: { tool: 'mcp__skein__spawn' } }).answer).toBe(
    'deny',
  );
  expect(answer('mcp__skein__spawn', { answer: 'ask', when: { tool: 'mcp__*' } }).answer).toBe('ask');
});
