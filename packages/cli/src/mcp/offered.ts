/** Skein's tools in the words of MCP (rule N1). */
import type { CallToolResult, Tool as McpTool } from '@modelcontextprotocol/sdk/types.js';
import { jsonSchema, type Tool, type ToolAnswer } from '@skein/protocol/tools/tool';
import { TOOL_NAMES, TOOLS, type ToolName, toolNamed } from '@skein/protocol/tools/tools';
import { UNASKED } from '@skein/protocol/tools/unasked';

/**
 * What they answer is in their text and nowhere else. Clients show a model either the text or the data of an answer, so data is
 * given only where it says as much.
 */
const IN_WORDS: readonly ToolName[] = ['transcript'];

/** What the client may put before its model about all of them. */
export const INSTRUCTIONS =
  'You work in a session of Skein, in which other agents and people may work too. These tools start agents, give them work, ' +
  'wait for them, read what they did and bring it in; "list" tells who is there and what you may start.';

export function offered(): McpTool[] {
  return TOOL_NAMES.map((name) => {
    const tool: Tool = TOOLS[name];
    return {
      name,
      title: tool.title,
      description: tool.description,
      inputSchema: jsonSchema(tool.input, 'input') as McpTool['inputSchema'],
      ...(IN_WORDS.includes(name)
        ? {}
        : { outputSchema: jsonSchema(tool.output, 'output') as McpTool['outputSchema'] }),
      annotations: {
        title: tool.title,
        readOnlyHint: tool.reads,
        ...(tool.reads ? {} : { destructiveHint: !UNASKED.includes(name) }),
        openWorldHint: false,
      },
    };
  });
}

/** What a call has come to. What is wrong with it is a result as well, which the model reads and can mend. */
export function resultOf(name: string, answer: ToolAnswer): CallToolResult {
  if (answer.ok) {
    const content: CallToolResult['content'] = [{ type: 'text', text: answer.text }];
    if (IN_WORDS.includes(name as ToolName)) return { content };
    // Clients hold it to the schema that they were told. A node of a later build may tell more.
    const { data = answer.data } = toolNamed(name)?.output.safeParse(answer.data) ?? {};
    return { content, structuredContent: data };
  }
  const { code, message, field } = answer;
  const words = field === undefined || message.includes(field) ? message : `${field}: ${message}`;
  return {
    content: [{ type: 'text', text: words }],
    isError: true,
    _meta: { 'skein/code': code, ...(field === undefined ? {} : { 'skein/field': field }) },
  };
}

/** Why no tool has this name; undefined when one has. */
export function unknownTool(name: string): string | undefined {
  if (toolNamed(name) !== undefined) return undefined;
  return `There is no tool "${name.slice(0, 64)}". There are: ${TOOL_NAMES.join(', ')}.`;
}
