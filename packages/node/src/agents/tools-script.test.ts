/** The script that an agent's MCP server is started by (rule N1). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { hostDir } from '../hosts/records.ts';
import { runtimeFiles } from '../hosts/runtime.ts';
import { capabilityFile } from '../tools/capabilities.ts';
import { toolsScript, writeToolsScript } from './tools-script.ts';

let home = '';
afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

test("[N1] runs the server from where the agent's host is, and tells it where its token lies, whatever the home is called", () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), "it's a $(home) "));
  const { dir, node, mcp } = runtimeFiles(home, 'abc');
  for (const made of [dir, hostDir(home, 'h1')]) fs.mkdirSync(made, { recursive: true });
  fs.writeFileSync(path.join(hostDir(home, 'h1'), 'plan.json'), JSON.stringify({ runtime: 'abc' }));
  fs.symlinkSync(process.execPath, node);
  fs.writeFileSync(
    mcp,
    'console.log(JSON.stringify([process.env.SKEIN_HOME, process.env.SKEIN_CAPABILITY]))',
  );
  writeToolsScript(home, 'run1', 'h1');
  const script = toolsScript(home, 'run1');
  expect(fs.statSync(path.dirname(script)).mode & 0o077).toBe(0);
  // What its agent passes on of an environment is not counted on.
  const told = execFileSync('/bin/sh', [script], { env: {}, encoding: 'utf8' });
  expect(JSON.parse(told)).toEqual([home, capabilityFile(home, 'run1')]);
});
