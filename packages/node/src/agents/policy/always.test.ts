/** For which calls an answer for always holds (rule A5). */
import type { Rule } from '@skein/protocol/agents/state';
import { expect, test } from 'vitest';
import { holdsFor } from './always.ts';

const rule = (more: Partial<Rule>): Rule => ({
  ...{ rule: 'r', agent: 'a', answer: 'allow', tool: 'Bash', kind: 'execute', title: null, by: null },
  ...more,
});

test('[A5] of what is alike it holds for all calls of the tool and kind', () => {
  const reads = rule({ tool: 'shell', kind: 'read' });
  const call = { tool: 'shell', kind: 'read' as const, title: 'cat a', same: 'x' };
  expect(holdsFor(reads, call)).toBe(true);
  expect(holdsFor(reads, { ...call, tool: 'other' })).toBe(false);
  expect(holdsFor(reads, { ...call, kind: 'search' })).toBe(false);
  expect(holdsFor(reads, { ...call, kind: 'execute' })).toBe(false);
  expect(holdsFor(rule({ tool: 'read', kind: 'read' }), { ...call, tool: null })).toBe(true);
});

test('[A5] of all else it holds for the very same call, whatever it is called', () => {
  const once = rule({ title: "python3 - <<'EOF'", same: 'one' });
  const call = { tool: 'Bash', kind: 'execute' as const, title: "python3 - <<'EOF'", same: 'one' };
  expect(holdsFor(once, call)).toBe(true);
  expect(holdsFor(once, { ...call, same: 'another' })).toBe(false);
  expect(holdsFor(once, { ...call, same: undefined })).toBe(false);
});

test('[A5] one of before calls had digests allows nothing, and denies as it did', () => {
  const call = { tool: 'Bash', kind: 'execute' as const, title: 'npm test', same: 'x' };
  const { kind: _, ...old } = rule({ title: 'npm test' });
  expect(holdsFor(old, call)).toBe(false);
  expect(holdsFor({ ...old, answer: 'deny' }, call)).toBe(true);
  expect(holdsFor({ ...old, title: null }, call)).toBe(false);
  expect(holdsFor({ ...old, title: null }, { ...call, kind: 'read' })).toBe(true);
});
