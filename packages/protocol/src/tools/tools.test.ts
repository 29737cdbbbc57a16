/** What models are told of the tools can be told: schemas, names, sizes. */
import { expect, test } from 'vitest';
import { jsonSchema } from './tool.ts';
import { TOOL_NAMES, TOOLS } from './tools.ts';

test('[N1] every tool has schemas of objects, a name as MCP wants it, and words short enough for a model', () => {
  for (const name of TOOL_NAMES) {
    const one = TOOLS[name];
    expect(one.name).toBe(name);
    expect(name).toMatch(/^[a-z]{3,16}$/);
    expect(one.description.length).toBeLessThan(420);
    for (const io of ['input', 'output'] as const) {
      const schema = jsonSchema(one[io], io);
      expect(schema).toMatchObject({ type: 'object' });
      expect(JSON.stringify(schema).length).toBeLessThan(4_000);
    }
  }
});
