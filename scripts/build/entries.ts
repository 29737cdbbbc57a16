/** What is bundled from what, and where it goes. */
import { dirname, join } from 'node:path';

export const ROOT = dirname(dirname(import.meta.dirname));

export type Part = 'cli' | 'node' | 'relay';

export interface Entry {
  part: Part;
  /** Relative to the repository. */
  source: string;
  /** The name of the bundle in the directory of its part. */
  output: string;
  executable?: boolean;
  /** The name under which esbuild's account of what is in the bundle is kept. */
  metafile?: string;
  /** Short names and no white space load faster; long ones make the traces in a log readable. */
  names: 'short' | 'long';
  /** A module in place of CommonJS, for what waits while it is loaded. */
  module?: boolean;
}

export const ENTRIES: readonly Entry[] = [
  {
    part: 'cli',
    source: 'packages/cli/src/main.ts',
    output: 'skein.cjs',
    executable: true,
    metafile: 'skein.meta.json',
    names: 'short',
  },
  { part: 'cli', source: 'packages/cli/src/chat/chat.ts', output: 'chat.mjs', names: 'short', module: true },
  { part: 'cli', source: 'packages/cli/src/compose/compose.ts', output: 'compose.cjs', names: 'short' },
  { part: 'cli', source: 'packages/cli/src/top/top.ts', output: 'top.mjs', names: 'short', module: true },
  { part: 'node', source: 'packages/node/src/main.ts', output: 'node.cjs', names: 'long' },
  {
    part: 'node',
    source: 'packages/node/src/kernel/worker/log-worker.ts',
    output: 'log-worker.cjs',
    names: 'long',
  },
  {
    part: 'node',
    source: 'packages/node/src/workspaces/watch/watch-worker.ts',
    output: 'watch-worker.cjs',
    names: 'long',
  },
  { part: 'node', source: 'packages/node/src/mesh/mesh.ts', output: 'mesh.cjs', names: 'long' },
  {
    part: 'node',
    source: 'packages/node/src/agents/definitions/definitions.ts',
    output: 'definitions.cjs',
    names: 'long',
  },
  { part: 'node', source: 'packages/node/src/hooks/main.ts', output: 'hook.cjs', names: 'short' },
  { part: 'node', source: 'packages/cli/src/guard/main.ts', output: 'guard.cjs', names: 'short' },
  {
    part: 'node',
    source: 'packages/cli/src/mcp/main.ts',
    output: 'mcp.cjs',
    metafile: 'mcp.meta.json',
    names: 'short',
  },
  { part: 'node', source: 'packages/node/src/host/main.ts', output: 'host.cjs', names: 'long' },
  {
    part: 'node',
    source: 'packages/node/src/terminal/emulator/emulator-worker.ts',
    output: 'emulator-worker.cjs',
    names: 'long',
  },
  {
    part: 'relay',
    source: 'packages/relay/src/main.ts',
    output: 'skein-relay.cjs',
    executable: true,
    names: 'long',
  },
];

export function outputDirectories(outdir: string | undefined): Record<Part, string> {
  const place = (part: Part) =>
    outdir === undefined ? join(ROOT, 'packages', part, 'dist') : join(outdir, part);
  return { cli: place('cli'), node: place('node'), relay: place('relay') };
}
