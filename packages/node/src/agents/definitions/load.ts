/** Loads what reads definitions when it is wanted; see definitions.ts. */
import { createRequire } from 'node:module';
import path from 'node:path';

declare const __SKEIN_BUNDLE__: unknown;

type Definitions = typeof import('./definitions.ts')['definitions'];

/** From the bundle in `directory`, the node's own by default; or from source when nothing was bundled. */
export async function loadDefinitions(directory = import.meta.dirname): Promise<Definitions> {
  if (typeof __SKEIN_BUNDLE__ === 'undefined') return (await import('./definitions.ts')).definitions;
  return createRequire(import.meta.url)(path.join(directory, 'definitions.cjs')).definitions;
}
