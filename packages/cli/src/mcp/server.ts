/** The MCP server on stdin and stdout, by the official SDK: lists the tools, hands calls on, and ends with its client (rule N1). */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type ServerNotification,
} from '@modelcontextprotocol/sdk/types.js';
import type { ToolAnswer } from '@skein/protocol/tools/tool';
import { VERSION } from '../version.ts';
import { INSTRUCTIONS, offered, resultOf, unknownTool } from './offered.ts';

/** Milliseconds between two signs of life of a call, for clients that would give up one that is silent. */
const PROGRESS_MS = 5_000;

export type CallTool = (name: string, input: unknown, signal: AbortSignal) => Promise<ToolAnswer>;

type Notify = (notification: ServerNotification) => Promise<void>;

/** Serves until the client has gone; resolves with the exit status then. */
export async function serveMcp(call: CallTool): Promise<number> {
  const server = new Server(
    { name: 'skein', title: 'Skein', version: VERSION },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS, jsonSchemaValidator: ASKS_NOTHING },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: offered() }));
  server.setRequestHandler(
    CallToolRequestSchema,
    async ({ params }, { signal, sendNotification }): Promise<CallToolResult> => {
      const { name, arguments: input = {}, _meta } = params;
      const unknown = unknownTool(name);
      if (unknown !== undefined) throw new McpError(ErrorCode.InvalidParams, unknown);
      const stop = showsLife(_meta?.progressToken, sendNotification);
      try {
        return resultOf(name, await call(name, input, signal));
      } finally {
        stop();
      }
    },
  );
  const gone = new Promise<number>((resolve) => {
    process.stdin.once('end', () => resolve(0));
    process.stdin.once('close', () => resolve(0));
    // Whoever does not read what is answered is gone as well.
    process.stdout.once('error', () => resolve(0));
    // The transport ends by itself only where what it was sent has no end.
    server.onclose = () => resolve(1);
  });
  await server.connect(new StdioServerTransport());
  return await gone;
}

/** Tells the client from time to time that its call is being worked at, if it wants to know. */
function showsLife(token: string | number | undefined, notify: Notify): () => void {
  if (token === undefined) return () => {};
  let progress = 0;
  const timer = setInterval(() => {
    progress += PROGRESS_MS / 1_000;
    const params = { progressToken: token, progress, message: `${progress} s` };
    notify({ method: 'notifications/progress', params }).catch(() => {});
  }, PROGRESS_MS);
  return () => clearInterval(timer);
}

/** The SDK would check with it what clients' forms come back with, and we send none. */
const ASKS_NOTHING = {
  getValidator: (): never => {
    throw new Error('no forms are sent');
  },
};
