/** Where the log's worker threads start: the bundle beside this one, or the source when nothing was bundled. */
import { join } from 'node:path';

declare const __SKEIN_BUNDLE__: unknown;

export function workerPath(): string | URL {
  if (typeof __SKEIN_BUNDLE__ !== 'undefined') return join(__dirname, 'log-worker.cjs');
  return new URL('./log-worker.ts', import.meta.url);
}
