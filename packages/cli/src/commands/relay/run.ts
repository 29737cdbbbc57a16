/** Runs the relay in a process of its own, as `skein-relay` does; it ends as that ends. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { Call } from '../../invocation/call.ts';

export async function run(call: Call): Promise<number> {
  if (call.needed('action') !== 'serve')
    throw new SkeinError('bad_request', `There is "serve", not "${call.needed('action')}".`);
  const words = [...(call.json ? ['--json'] : []), ...call.args('words')];
  const relay = spawn(process.execPath, [relayBundle(), ...words], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => relay.kill(signal));
  return new Promise((resolve, reject) => {
    relay.on('error', reject);
    relay.on('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 0)));
  });
}

function relayBundle(): string {
  const places = ['../../relay/dist/skein-relay.cjs', '../relay/skein-relay.cjs', 'relay/skein-relay.cjs'];
  const found = places
    .map((place) => path.join(import.meta.dirname, place))
    .find((file) => fs.existsSync(file));
  if (found !== undefined) return found;
  throw new SkeinError('not_found', 'The relay is not built: its bundle is not beside this program.');
}
