/**
 * Gives the tests their worker threads as bundles, as the product has them, made from the sources of the moment.
 *
 * From its source Node would strip each of a thread's files of its types, by WebAssembly, in that thread. That is slow, and V8 now
 * and then ends a process in which such threads begin and end (its books of machine code are the whole process's).
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'vitest/config';
import { ENTRIES, type Entry, ROOT } from '../build/entries.ts';
import { bundleOptions } from '../build/options.ts';
import { writeIfChanged } from '../build/write.ts';

/** In the package of the sources, so that what is not bundled is the very module that the rest of the process has. */
const DIRECTORY = join(ROOT, 'packages/node/node_modules/.cache/skein-threads');

/** One SQLite in the process: a second copy would not know of the first one's locks. */
const SHARED = ['better-sqlite3'];

const THREAD = /new URL\('\.\/([a-z-]+-worker\.ts)', import\.meta\.url\)/g;

export function bundledThreads(): Plugin {
  const made = new Map<Entry, Promise<string>>();
  return {
    name: 'skein:bundled-threads',
    enforce: 'pre',
    // What starts a thread changes with all that is in the thread: kept by its own text alone, it would name a bundle of old.
    configureVitest: ({ defineCacheKeyGenerator }) =>
      defineCacheKeyGenerator(({ sourceCode }) => (sourceCode.search(THREAD) < 0 ? undefined : false)),
    async transform(code, id) {
      let result = code;
      for (const [words, name] of code.matchAll(THREAD)) {
        const entry = ENTRIES.find(({ source }) => join(ROOT, source) === join(id, '..', name ?? ''));
        if (entry === undefined) throw new Error(`${id}: ${name} is no entry of the build`);
        const bundle = made.get(entry) ?? bundled(entry);
        made.set(entry, bundle);
        result = result.replace(words, `new URL(${JSON.stringify(await bundle)})`);
      }
      return result === code ? undefined : { code: result, map: null };
    },
  };
}

/** The URL of the bundle. */
async function bundled(entry: Entry): Promise<string> {
  const options = bundleOptions(entry, '0.0.0-test');
  const { outputFiles } = await build({
    ...options,
    external: [...(options.external ?? []), ...SHARED],
    entryPoints: [join(ROOT, entry.source)],
    absWorkingDir: ROOT,
    write: false,
  });
  const content = outputFiles[0]?.contents ?? new Uint8Array();
  return pathToFileURL(writeIfChanged(join(DIRECTORY, entry.output), content)).href;
}
