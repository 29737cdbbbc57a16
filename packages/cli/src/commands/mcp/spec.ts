/** `skein mcp`: Skein's tools for an agent, by the Model Context Protocol. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const mcp: CommandSpec = {
  name: 'mcp',
  summary: "offer Skein's tools to an agent, as an MCP server on stdin and stdout",
  details: `Agents that Skein starts have it already, with a capability of their own. Add it by hand to one that you start
yourself, as the command "skein mcp": it then acts as you, in one session.
The tools: list, spawn, prompt, wait, transcript, screen, type, interrupt, stop, approve, claim, release, message, ask,
report, diff, land, machines. docs/DIRECTING.md tells what each does.`,
  args: [],
  options: [
    {
      name: 'session',
      value: 'REF',
      summary: 'the session that is meant; by default the one that this runs in (SKEIN_SESSION)',
    },
  ],
  examples: [
    ['claude mcp add skein -- skein mcp --session api', 'for Claude Code'],
    ['codex mcp add skein -- skein mcp --session api', 'for Codex'],
    ['gemini mcp add -s user skein skein mcp --session api', 'for Gemini CLI'],
  ],
  json: 'nothing of its own: it speaks MCP, one JSON-RPC message a line.',
  load: () => import('./run.ts'),
};
