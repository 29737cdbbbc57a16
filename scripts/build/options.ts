/** How esbuild is told to bundle. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { type Entry, ROOT } from './entries.ts';

/** Optional speed-ups of ws that need a compiler; ws goes on without them. */
const LEFT_OUT = ['bufferutil', 'utf-8-validate'];

/** Columns. An uncaught error prints the line it was thrown from; a bundle in one line would print all of it. */
const LINE = 160;

export function productVersion(): string {
  const override = process.env.SKEIN_BUILD_VERSION;
  if (override) return override;
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(ROOT, 'packages/cli/package.json'), 'utf8'),
  );
  return manifest.version;
}

/** What CommonJS packages in a module's bundle ask for. */
const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/** `build` names the sources. What it is put into differs with each of them, so hosts have no use for it (H1). */
export function bundleOptions(entry: Entry, version: string, build = ''): BuildOptions {
  const short = entry.names === 'short';
  return {
    bundle: true,
    platform: 'node',
    target: 'node24',
    external: LEFT_OUT,
    minifySyntax: true,
    minifyWhitespace: short,
    minifyIdentifiers: short,
    lineLimit: LINE,
    legalComments: 'none',
    logLevel: 'warning',
    ...(entry.module === true ? moduleFormat(version, build) : commonFormat(entry, version, build)),
  };
}

function commonFormat({ executable }: Entry, version: string, build: string): BuildOptions {
  return {
    format: 'cjs',
    banner: executable ? { js: '#!/usr/bin/env node' } : {},
    inject: [join(import.meta.dirname, 'meta-url.js')],
    define: {
      ...defined(version, build),
      'import.meta.url': '__skeinMetaUrl',
      'import.meta.main': '__skeinIsMain',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
  };
}

function moduleFormat(version: string, build: string): BuildOptions {
  // Without it React brings what it has for development, at half the speed.
  const define = {
    ...defined(version, build),
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
  };
  return { format: 'esm', jsx: 'automatic', banner: { js: REQUIRE }, define };
}

function defined(version: string, build: string): Record<string, string> {
  return {
    __SKEIN_BUNDLE__: 'true',
    __SKEIN_VERSION__: JSON.stringify(version),
    __SKEIN_BUILD__: JSON.stringify(build),
  };
}
