/** Becomes the relay, as `skein-relay` is: that ends the process. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { Call } from '../../invocation/call.ts';

export async function run(call: Call): Promise<number> {
  if (call.needed('action') !== 'serve')
    throw new SkeinError('bad_request', `There is "serve", not "${call.needed('action')}".`);
  const bundle = relayBundle();
  // In this process: a signal reaches it once, from whoever sends it, and no half of it is left when it is killed.
  process.argv = [process.execPath, bundle, ...(call.json ? ['--json'] : []), ...call.args('words')];
  createRequire(bundle)(bundle);
  return await new Promise<never>(() => {});
}

function relayBundle(): string {
  const places = ['../../relay/dist/skein-relay.cjs', '../relay/skein-relay.cjs', 'relay/skein-relay.cjs'];
  const found = places
    .map((place) => path.join(import.meta.dirname, place))
    .find((file) => fs.existsSync(file));
  if (found !== undefined) return found;
  throw new SkeinError('not_found', 'The relay is not built: its bundle is not beside this program.');
}
