/** What agents are told when a write is refused can be done as it is said (rule W2). */
import { execFileSync } from 'node:child_process';
import { formatPattern, normalPattern, patternOfPath } from '@skein/protocol/workspaces/patterns';
import { expect, test } from 'vitest';
import { heldWords } from './words.ts';

const WHO = {
  does: 'claims',
  holder: { kind: 'person', member: null, name: 'bob' },
  ...{ session: null, left: 1_000 },
} as const;

test.each(['a\nb', 'a*b', 'a\\qb', "it's", '-x', 'a b/\u202ec'])('[W2] the claim to wait for: %j', (path) => {
  const words = heldWords([path], WHO);
  expect(words).toMatch(/^[\x20-\x7e]+$/);
  const [, typed = ''] = /skein claim (.*) --wait/.exec(words) ?? [];
  const given = execFileSync('sh', ['-c', `printf %s ${typed}`], { encoding: 'utf8' });
  expect(given).not.toMatch(/^-/);
  expect(normalPattern(given)).toBe(formatPattern(patternOfPath(path)));
});
