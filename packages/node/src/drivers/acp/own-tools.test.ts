/** That Skein's tools are known as its own in an agent that tells no names, and no other server's pass for them (rules N1, A5). */
import { TOOL_NAMES } from '@skein/protocol/tools/tools';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownTool } from './own-tools.ts';

const gemini = { tools: '/tools', name: { name: 'gemini-cli', version: '0.61.0' } };
const told = (id: string) => ownTool(gemini, id).name;

/** As Gemini CLI calls a server's tool, and the ids that it makes of that. */
function nameOf(server: string, tool: string): string {
  const name = `mcp_${server}_${tool}`.replace(/[^a-zA-Z0-9_\-.:]/g, '_');
  return name.length > 63 ? `${name.slice(0, 30)}...${name.slice(-30)}` : name;
}
const raw = fc.oneof(
  fc.stringMatching(/^[a-z0-9]{4,12}$/),
  fc.nat().map((n) => `function-call-${n}`),
  fc.nat().map((n) => `synth_8c2f########${n}_1732_${n}`),
  fc.nat(),
);
const idOf = (name: string, id: string | number) =>
  `${name}__${typeof id === 'number' ? `${name}_1732_${id}` : id}`;

test('[N1] a call of each of its tools is told by its name', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TOOL_NAMES), raw, (tool, id) => {
      expect(told(idOf(nameOf('skein', tool), id))).toBe(`mcp__skein__${tool}`);
    }),
  );
  expect(ownTool({ tools: '/tools', name: { name: 'other', version: '1' } }, 'mcp_skein_report__x')).toEqual(
    {},
  );
  expect(ownTool({ name: gemini.name }, 'mcp_skein_report__x')).toEqual({});
});

test.each([
  'mcp_skein_report__run__1732',
  'mcp_skein_report____1732',
  'mcp_skein_report___1732',
  'mcp_skein_report__run-1732000000000-1',
  'mcp_skein_report_run__1732',
  'mcp_skein_report__',
  'mcp_skein_type_x__1',
  'mcp_skein_unknown__1732',
  'x_mcp_skein_report__1732',
])('[A5] %s is not taken for one', (id) => {
  expect(told(id)).toBeUndefined();
});

test('[A5] whatever another server and its tools are called, none passes for one', () => {
  const piece = fc.constantFrom('skein', '_', '__', 'report', 'run', 'list', '-', ' ', 'mcp', '1', '.');
  const word = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
  const server = fc
    .oneof(
      word,
      word.map((more) => `skein_report${more}`),
    )
    .filter((one) => one !== 'skein');
  fc.assert(
    fc.property(server, word, raw, fc.nat(), (of, tool, id, n) => {
      const name = nameOf(of, tool);
      expect([name, told(idOf(name, id))]).toEqual([name, undefined]);
      expect([name, told(`${name}-1732000000000-${n}`)]).toEqual([name, undefined]);
    }),
    { numRuns: 2_000 },
  );
});
