/** Starts the emulator's thread, from wherever its code is. */

import path from 'node:path';
import { Worker } from 'node:worker_threads';

/** Set by the bundler; absent when the sources run as they are. */
declare const __SKEIN_BUNDLE__: boolean | undefined;

/** MiB of young objects in the thread. What Node would take by itself costs a host 25 MB more and is no faster. */
const YOUNG_MB = 8;

/** `shared`: what the thread tells of its doings. `source`: its code, for a host that reads no file after its start. */
export function startThread(shared: SharedArrayBuffer, source: string | undefined): Worker {
  const options = { workerData: shared, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } };
  if (source !== undefined) return new Worker(source, { ...options, eval: true });
  if (typeof __SKEIN_BUNDLE__ !== 'undefined') {
    return new Worker(path.join(__dirname, 'emulator-worker.cjs'), options);
  }
  return new Worker(new URL('./emulator-worker.ts', import.meta.url), options);
}
