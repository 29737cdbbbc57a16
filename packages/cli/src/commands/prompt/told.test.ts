/** What is said of a prompt that was queued (rules A4, X2). */
import { emptySession } from '@skein/protocol/sessions/state';
import { expect, test } from 'vitest';
import type { FoundAgent } from '../../agents/open.ts';
import { told } from './told.ts';

function words(before: number, life: string, link?: string): string | undefined {
  const far = link === undefined ? {} : { a: { node: 'gpu-box', link } };
  const agent = { agent: 'a', name: 'codex', life };
  const found = { agent, ref: 'api', session: { ...emptySession('s'), far } };
  return told(found as unknown as FoundAgent, before).split(' See: ')[0];
}

test('[A4] of one that is here: at once, after others, or when it has started', () => {
  expect(words(0, 'running')).toBe('codex begins with it.');
  expect(words(0, 'starting')).toBe('codex begins with it, when it has started.');
  expect(words(1, 'running')).toBe('codex does it after one other.');
  expect(words(2, 'running')).toBe('codex does it after 2 others.');
});

test('[X2] of one whose machine is away: when that is back', () => {
  expect(words(0, 'running', 'up')).toBe('codex begins with it.');
  expect(words(0, 'running', 'down')).toBe('codex begins with it, when gpu-box is back.');
  expect(words(0, 'starting', 'ended')).toBe('codex begins with it, when gpu-box is back.');
  expect(words(2, 'running', 'down')).toBe('codex does it after 2 others, when gpu-box is back.');
});
