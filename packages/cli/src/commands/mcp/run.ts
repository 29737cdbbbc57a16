/** Starts the node if there is none, and hands over to the server, which is a program of its own beside the node's. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectNode } from '../../connect/node.ts';
import { isDown, reviveAfter } from '../../connect/revive.ts';
import { nodeBundle } from '../../connect/start.ts';
import type { Call } from '../../invocation/call.ts';

declare const __SKEIN_BUNDLE__: unknown;
/** What imports a file, given to the bundle (scripts/build/whole-as-text.ts). */
declare const __skeinImport: (file: string) => Promise<typeof import('../../mcp/main.ts')>;

export async function run(call: Call): Promise<number> {
  const { home } = call;
  const { SKEIN_CAPABILITY: file = '', SKEIN_SESSION } = process.env;
  const { serve, proofIn } = await load();
  if (file !== '') return serve({ home, proof: proofIn(file) });
  const named = call.text('session');
  const session = named ?? SKEIN_SESSION;
  const client = await connectNode(home);
  // Told now to whoever configures it, and not at each call to an agent, which can do nothing about it.
  if (named !== undefined) await client.ask('session', { ref: named });
  client.close();
  return serve({
    home,
    ...(session ? { session } : {}),
    absent: (error) => {
      if (isDown(error)) reviveAfter(error, home);
    },
  });
}

async function load(): Promise<typeof import('../../mcp/main.ts')> {
  if (typeof __SKEIN_BUNDLE__ === 'undefined') return await import('../../mcp/main.ts');
  return await __skeinImport(pathToFileURL(path.join(path.dirname(nodeBundle()), 'mcp.cjs')).href);
}
