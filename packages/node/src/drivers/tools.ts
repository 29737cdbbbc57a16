/** How agents are told of the MCP server with Skein's tools (rule N1): what it is called, and how it is started. */

/** Agents put it before the names of its tools. */
export const TOOLS_NAME = 'skein';

/** `script` is for a shell, so that it runs from a disk that lets nothing be run, too. */
export const toolsCommand = (script: string) => ({ command: '/bin/sh', args: [script] });

/**
 * The arguments by which Claude Code takes it, beside the servers that its user has. They come before another option, never before
 * words of a prompt, which it would take for further servers.
 */
export function claudeTools(script: string | undefined): string[] {
  if (script === undefined) return [];
  const server = { type: 'stdio', ...toolsCommand(script) };
  return ['--mcp-config', JSON.stringify({ mcpServers: { [TOOLS_NAME]: server } })];
}

/** What one of them is called in events, where its agent tells no name, and by Claude Code. */
export const ownToolName = (tool: string) => `mcp__${TOOLS_NAME}__${tool}`;
