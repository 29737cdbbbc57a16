/** How each agent is told of the MCP server with Skein's tools, and that without one it is told of none. */
import { expect, test } from 'vitest';
import { acp } from './acp/step.ts';
import { claude } from './claude/step.ts';
import { codex } from './codex/step.ts';
import { pty } from './pty/step.ts';

const spec = { run: 'r1', cwd: '/w', client: { name: 'skein', version: '0' } };
const tools = "/h/it's/mcp";

test.each([
  ['claude', claude.args({ ...spec, tools })],
  ['pty', pty.args({ ...spec, tools, options: { pty: { hooks: 'claude' } } })],
])('[N1] %s is told by its arguments, beside the servers that its user has', (_, args) => {
  const at = args.indexOf('--mcp-config');
  expect(JSON.parse(args[at + 1] ?? '')).toEqual({
    mcpServers: { skein: { type: 'stdio', command: '/bin/sh', args: [tools] } },
  });
  // It takes as many servers as come.
  expect(args[at + 2] ?? '--').toMatch(/^--/);
  expect(args).not.toContain('--strict-mcp-config');
});

test('[N1] Codex is told by settings of its process', () => {
  const args = codex.args({ ...spec, tools });
  expect(args).toContain('mcp_servers.skein.command="/bin/sh"');
  expect(args).toContain(`mcp_servers.skein.args=["${tools}"]`);
});

test.each([undefined, 'earlier'])(
  '[N1] an agent of ACP is told with its session, a resumed one too',
  (session) => {
    const resume = session === undefined ? {} : { resume: { session, history: 'known' as const } };
    const begun = acp.start({ ...spec, ...resume, tools });
    const result = { protocolVersion: 1, agentCapabilities: { sessionCapabilities: { resume: {} } } };
    const line = `${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n`;
    const bytes = new TextEncoder().encode(line);
    const [write] = acp.step(begun.state, { type: 'output', offset: 0, bytes }).writes;
    expect(JSON.parse(new TextDecoder().decode(write?.bytes))).toMatchObject({
      method: session === undefined ? 'session/new' : 'session/resume',
      params: { mcpServers: [{ name: 'skein', command: '/bin/sh', args: [tools], env: [] }] },
    });
  },
);

test('[N1] one that has no tools is told of none', () => {
  for (const driver of [claude, codex]) expect(driver.args(spec).join(' ')).not.toMatch(/mcp/);
  expect(pty.args({ ...spec, options: { pty: { hooks: 'claude' } } })).toEqual([]);
});
