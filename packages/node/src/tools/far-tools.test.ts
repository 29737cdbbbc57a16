/** Calls of tools by agents elsewhere, as home runs them (rule N1): none goes on for a session that is gone. */
import { expect, test } from 'vitest';
import type { KernelApi } from '../kernel/types.ts';
import { copy, home, worker } from '../machines/home/far.fixture.ts';
import { FarTools } from './far-tools.ts';

test('[N1] what an agent elsewhere has called ends with its session', () => {
  const here = home();
  const body = { call: 'aaaaaaaaaaaa', name: 'wait', input: {} };
  copy(here, worker({ type: 'home.asked', body: { ask: 'q', kind: 'tool', body } }));
  const calls: AbortSignal[] = [];
  const call = (_who: unknown, _call: unknown, aborted: AbortSignal) => {
    calls.push(aborted);
    return new Promise<never>(() => {});
  };
  const tools = new FarTools({} as KernelApi, { call });
  tools.look(here.state);
  tools.look(here.state);
  expect(calls.map(({ aborted }) => aborted)).toEqual([false]);
  tools.gone('another');
  expect(calls[0]?.aborted).toBe(false);
  tools.gone(here.state.id);
  expect(calls[0]?.aborted).toBe(true);
});
