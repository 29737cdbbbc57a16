/** Which machines an agent is told of (rule N1): those that are known here by name. */
import { expect, test } from 'vitest';
import type { ToolRun } from '../tool-run.ts';
import { lookingHandlers } from './looking.ts';

test('[N1] machines that are blocked, and devices of people who only visit, are no places for agents', async () => {
  const node = (peer: string, name: string, more: object = {}) => ({
    ...{ peer, name, path: 'direct', blocked: false, ...more },
  });
  const nodes = [
    node('12D3box', 'gpu-box', { path: 'none' }),
    node('12D3visitor', ''),
    node('12D3bad', 'bad', { blocked: true }),
  ];
  const run = { ask: async () => nodes, state: async () => ({ far: { a: { peer: '12D3box' } } }) };
  expect(await lookingHandlers.machines({}, run as unknown as ToolRun)).toEqual({
    text: 'gpu-box: not connected now, 1 agents of this session',
    data: { machines: [{ name: 'gpu-box', reachable: false, agents: 1 }] },
  });
});
