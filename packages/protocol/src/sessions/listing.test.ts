/** The table of sessions: programs, and agents with what they do. */
import { expect, test } from 'vitest';
import { COLOURS, NONE } from '../text/paint.ts';
import type { ListedSession } from './asks.ts';
import { listing } from './listing.ts';

const SHELL: ListedSession = {
  ...{
    id: 'abcdefghijkl',
    name: 'api',
    state: 'running',
    attached: 0,
    created: 0,
    size: { cols: 80, rows: 24 },
  },
  argv: ['bash', '-l'],
};
const agent = (name: string, doing: 'idle' | 'waiting') => ({
  ...{ agent: 'aaaaaaaaaaaa', name, definition: 'claude', doing },
});
const command = (session: ListedSession, paint = NONE) => listing([session], paint, 0).split('\n')[1] ?? '';

test('agents stand beside the program of their session, or for it where it began with one', () => {
  expect(command(SHELL)).toMatch(/ bash -l$/);
  expect(command({ ...SHELL, agents: [agent('claude', 'idle')] })).toMatch(/ bash -l \+ claude idle$/);
  const began = { ...SHELL, size: null, argv: ['claude'] };
  const both = [agent('claude', 'idle'), agent('reviewer', 'waiting')];
  expect(command({ ...began, agents: both })).toMatch(/ - +claude idle, reviewer waiting$/);
});

test('one that waits for an answer is seen, and none can move the cursor', () => {
  expect(command({ ...SHELL, agents: [agent('a', 'waiting')] }, COLOURS)).toContain(
    COLOURS.yellow('bash -l + a waiting'),
  );
  expect(command({ ...SHELL, agents: [agent('a\x1b[2J', 'idle')] })).not.toMatch(/\x1b/);
});
