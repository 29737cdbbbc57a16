/**
 * What an agent runs to have Skein's tools (rule N1): a script in a directory of its run's own, 0700, that starts the MCP server with
 * where its node is and where the token of its capability lies. So nothing of that is in an argument of the agent's or left to
 * what it passes on of its environment, and the server runs from where the host does, which no update touches.
 */
import path from 'node:path';
import { putFile } from '../hooks/places.ts';
import { runDir } from '../host/run-files.ts';
import { runtimeOf } from '../hosts/records.ts';
import { runtimeFiles } from '../hosts/runtime.ts';
import { makeDir } from '../platform/files.ts';
import { capabilityEnvironment } from '../tools/capabilities.ts';
import { quoted } from '../workspaces/guard/script.ts';

/** One runs beside every agent and holds little: V8 need not make room for more. */
const FLAGS = ['--max-semi-space-size=1'];

export const toolsScript = (home: string, run: string): string =>
  path.join(runDir(home, run), 'tools', 'mcp');

/** Writes it for a program that this host is going to start. */
export function writeToolsScript(home: string, run: string, host: string): void {
  const { node, mcp } = runtimeFiles(home, runtimeOf(home, host));
  const variables = capabilityEnvironment(home, run);
  const set = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`);
  const file = toolsScript(home, run);
  const dir = path.dirname(file);
  makeDir(dir);
  const words = ['exec', ...[node, ...FLAGS, mcp].map(quoted)];
  putFile(
    dir,
    path.basename(file),
    `#!/bin/sh\n${[...set, `export ${Object.keys(variables).join(' ')}`, words.join(' ')].join('\n')}\n`,
  );
}
