/** What the program that runs beside every agent consists of, and that no other has a part of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const PACKAGES = join(import.meta.dirname, '../../..');

function inputs(file: string): string[] {
  const { outputs } = JSON.parse(readFileSync(join(PACKAGES, file), 'utf8')) as {
    outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
  };
  return Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : [])),
  );
}

const sdk = /modelcontextprotocol|cli\/src\/mcp/;

test('[N1] the quick commands have nothing of MCP', () => {
  expect(inputs('cli/dist/skein.meta.json').filter((file) => sdk.test(file))).toEqual([]);
});

test('[N1] the MCP server has the SDK, and neither the node nor what checks forms', () => {
  const all = inputs('node/dist/mcp.meta.json');
  expect(all.filter((file) => sdk.test(file)).length).toBeGreaterThan(5);
  expect(
    all.filter((file) => /node_modules\/(ajv|msgpackr|commander)\/|packages\/node\//.test(file)),
  ).toEqual([]);
});
