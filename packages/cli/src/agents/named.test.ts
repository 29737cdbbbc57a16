/** References to agents: `session`, `session/agent`, `node:session/agent` (rule M4). */
import { NO_AGENTS, reduceAgents } from '@skein/protocol/agents/state';
import { expect, test } from 'vitest';
import { agentNamed, agentPlaceOf, agentsMeant, refOf } from './named.ts';

function session(...agents: string[]) {
  let state = NO_AGENTS;
  for (const [i, name] of agents.entries()) {
    const body = { agent: `id${i}aaaaaaaaa`, name, definition: 'claude', cwd: '/' };
    state = reduceAgents(state, { type: 'agent.added', at: 0, by: null, body }, i + 1);
  }
  return { ...state, name: 'api', run: null };
}

function code(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
}

test('[M4] a reference names a node, a session and an agent', () => {
  expect(agentPlaceOf('api')).toEqual({ node: undefined, ref: 'api', agent: undefined });
  expect(agentPlaceOf('api/claude')).toEqual({ node: undefined, ref: 'api', agent: 'claude' });
  expect(agentPlaceOf('laptop:api/claude')).toEqual({ node: 'laptop', ref: 'api', agent: 'claude' });
  expect(code(() => agentPlaceOf('api/'))).toBe('bad_request');
});

test('one agent needs no name; of several one is named, by as much as tells it from the others', () => {
  expect(agentNamed(session('claude'), undefined).name).toBe('claude');
  const two = session('claude', 'claude-2', 'codex');
  expect(code(() => agentNamed(two, undefined))).toBe('ambiguous');
  expect(agentNamed(two, 'claude').name).toBe('claude');
  expect(agentNamed(two, 'co').name).toBe('codex');
  expect(agentNamed(two, 'id1').name).toBe('claude-2');
  expect(code(() => agentNamed(two, 'c'))).toBe('ambiguous');
  expect(code(() => agentNamed(two, 'gemini'))).toBe('not_found');
  expect(code(() => agentNamed(session(), undefined))).toBe('not_found');
  expect(agentsMeant(two, undefined)).toHaveLength(3);
});

test('what is told to be typed is as short as it may be', () => {
  const one = session('claude');
  expect(refOf(undefined, one, { name: 'claude' })).toBe('api');
  expect(refOf('laptop', session('claude', 'codex'), { name: 'codex' })).toBe('laptop:api/codex');
});
