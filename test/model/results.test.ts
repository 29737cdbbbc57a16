/** Calls of tools of MCP servers, and what later steps say of what came of earlier ones. */
import { expect, test } from 'vitest';
import { printSteps } from './marker.ts';
import { type Entry, nextReply } from './plan.ts';
import { withResults } from './results.ts';

const offer = (...names: string[]) => names.map((name) => ({ name, freeform: false, schema: {} }));
const SCRIPT = printSteps([
  { step: 'call', tool: 'skein.spawn', input: '{"list":["a]]"],"prompt":"[[text x]]"}', together: false },
  { step: 'call', tool: 'skein.wait', input: '{"agents":["{{1.agent}}"],"at":"{{1.n}}"}', together: false },
  { step: 'text', text: 'It said: {{2}}' },
]);

function after(tools: string[], ...results: string[]) {
  const past = results.flatMap((text): Entry[] => [
    { from: 'assistant', calls: 1 },
    { from: 'tool', text },
  ]);
  const entries: Entry[] = [{ from: 'user', text: SCRIPT }, ...past];
  return nextReply({ entries, tools: offer(...tools), system: '', answer: undefined });
}

test.each([
  ['Bash', 'mcp__skein__spawn', 'mcp__skein__wait'],
  ['other_spawn', 'skein_spawn', 'skein_wait'],
  ['spawn', 'wait'],
])('a tool is called by the name it is offered under: %s, %s', (...tools) => {
  const [spawn, wait] = tools.slice(-2);
  const input = { list: ['a]]'], prompt: '[[text x]]' };
  expect(after(tools)).toMatchObject([{ part: 'call', call: { name: spawn, input } }]);
  expect(after(tools, '{"agent":"w1","n":7}')).toMatchObject([
    { part: 'call', call: { name: wait, input: { agents: ['w1'], at: 7 } } },
  ]);
  expect(after(tools, '{"agent":"w1"}', 'ready')).toEqual([{ part: 'text', text: 'It said: ready' }]);
});

test('one that is not offered is told', () => {
  expect(after(['Bash'])).toEqual([{ part: 'text', text: 'no tool for skein.spawn' }]);
});

test.each([
  ['{"agent":"w1","agents":["w2"]}'],
  ['Wall time: 1 s\nOutput:\n{"content":"{\\"agent\\":\\"w1\\"}"}'],
  ['Spawned: done\nagent: w1, it begins\nof_agent: w2'],
  ['agent=w1'],
])('what a result says of a name is found in %s', (result) => {
  expect(withResults({ step: 'text', text: 'to {{1.agent}} and {{1.none}} and {{2}}' }, [result])).toEqual({
    step: 'text',
    text: 'to w1 and {{1.none}} and {{2}}',
  });
});
