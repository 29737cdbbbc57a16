/** The official MCP client over the stdin and stdout of a program that it starts. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { toolsScript } from '@skein/node/agents/tools-script';

type Words = readonly [string, ...string[]];

/** What an agent's run is given for its tools. */
export const agentWords = (home: string, run: string): Words => ['/bin/sh', toolsScript(home, run)];

export interface Mcp {
  client: Client;
  transport: StdioClientTransport;
}

/** With nothing of this environment but what `env` says. */
export async function connectMcp([command, ...args]: Words, env: Record<string, string> = {}): Promise<Mcp> {
  const transport = new StdioClientTransport({ command, args, env, stderr: 'inherit' });
  const client = new Client({ name: 'test', version: '0' });
  await client.connect(transport);
  return { client, transport };
}

/** A call that must come to something: its data, and its words. */
export async function called(
  { client }: Mcp,
  name: string,
  input: Record<string, unknown> = {},
): Promise<{ data: Record<string, unknown>; text: string }> {
  const result = (await client.callTool({ name, arguments: input })) as CallToolResult;
  const text = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  if (result.isError) throw new Error(`${name}: ${text}`);
  return { data: result.structuredContent ?? {}, text };
}
