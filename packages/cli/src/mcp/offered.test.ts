/** Skein's tools as an MCP client sees them. */
import { CallToolResultSchema, ToolSchema } from '@modelcontextprotocol/sdk/types.js';
import { TOOL_NAMES } from '@skein/protocol/tools/tools';
import { expect, test } from 'vitest';
import { offered, resultOf, unknownTool } from './offered.ts';

test('[N1] every tool is offered as MCP wants it, and says what it changes', () => {
  const tools = offered().map((tool) => ToolSchema.parse(tool));
  expect(tools.map(({ name }) => name)).toEqual(TOOL_NAMES);
  const hints = (name: string) => tools.find((tool) => tool.name === name)?.annotations;
  expect(hints('list')).toMatchObject({ readOnlyHint: true, openWorldHint: false });
  expect(hints('spawn')).toMatchObject({ readOnlyHint: false, destructiveHint: false });
  for (const name of ['type', 'land']) expect(hints(name)).toMatchObject({ destructiveHint: true });
});

test('[N1] what is wrong with a call is a result that names the field', () => {
  const refused = { ok: false, code: 'bad_request', field: 'agents[0]' } as const;
  const result = CallToolResultSchema.parse(resultOf('wait', { ...refused, message: 'must be text' }));
  expect(result).toMatchObject({
    ...{ isError: true, content: [{ type: 'text', text: 'agents[0]: must be text' }] },
    _meta: { 'skein/code': 'bad_request', 'skein/field': 'agents[0]' },
  });
  expect(resultOf('wait', { ...refused, message: 'agents[0] must be text' }).content).toEqual([
    { type: 'text', text: 'agents[0] must be text' },
  ]);
  expect(unknownTool('wat')).toContain('wait');
  expect(unknownTool('wait')).toBeUndefined();
});

test('[N1] data is given only where it says as much as the words do', () => {
  const answer = { ok: true, text: 'It said: hello', data: { agent: 'a1', later: 1 } } as const;
  // Of what a later build tells besides, clients were told no schema.
  expect(resultOf('stop', answer).structuredContent).toEqual({ agent: 'a1' });
  expect(resultOf('transcript', answer)).not.toHaveProperty('structuredContent');
});
