/** Hands over to compose, which is a bundle of its own beside this one: what reads YAML is not for every command to carry. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { callersEnvironment } from '../../connect/environment.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';

declare const __SKEIN_BUNDLE__: unknown;

export async function run(call: Call): Promise<number> {
  const { compose } = await load();
  return compose({
    ...{ home: call.home, json: call.json, noColor: call.flag('no-color'), action: call.needed('action') },
    ...{ file: call.text('file'), project: call.text('project') },
    ...{ restart: call.flag('restart'), prune: call.flag('prune') },
    ...{ remove: call.flag('rm'), purge: call.flag('purge') },
    env: callersEnvironment(call.home),
    connect: () => connectNode(call.home),
  });
}

async function load(): Promise<typeof import('../../compose/compose.ts')> {
  if (typeof __SKEIN_BUNDLE__ === 'undefined') return await import('../../compose/compose.ts');
  return createRequire(import.meta.url)(path.join(import.meta.dirname, 'compose.cjs'));
}
