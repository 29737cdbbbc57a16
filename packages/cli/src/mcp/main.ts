/**
 * Skein's tools over MCP, a program of its own (`mcp.cjs`), as one runs beside every agent. An agent's has the token of its
 * capability in the file that SKEIN_CAPABILITY names; without one it is the machine's user who calls.
 */
import { readFileSync } from 'node:fs';
import { resolveHome } from '@skein/client/home';
import { SkeinError } from '@skein/protocol/errors';
import { type Calling, NodeCaller } from './node-caller.ts';
import { serveMcp } from './server.ts';

/** Serves on stdin and stdout; resolves with the exit status when the client has gone. */
export async function serve(calling: Calling): Promise<number> {
  const caller = new NodeCaller(calling);
  try {
    return await serveMcp((name, input, signal) => caller.call(name, input, signal));
  } finally {
    caller.close();
  }
}

/** Reads the token anew for each connection. Throws `not_allowed` when it is gone, as it is once the agent's run has ended. */
export function proofIn(file: string): () => string {
  return () => {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      throw new SkeinError('not_allowed', 'This agent has no capability any more: its run has ended.');
    }
  };
}

if (import.meta.main) {
  const { SKEIN_CAPABILITY: file = '', SKEIN_SESSION: session } = process.env;
  const home = resolveHome(undefined);
  const by = file === '' ? { ...(session ? { session } : {}) } : { proof: proofIn(file) };
  serve({ home, ...by }).then((status) => process.exit(status));
}
