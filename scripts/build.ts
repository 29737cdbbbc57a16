/**
 * Bundles the product: one CommonJS file for the CLI and one for the relay, and beside each other the files of the node.
 *
 * `--outdir DIR` builds a whole set elsewhere (DIR/cli, DIR/node, DIR/relay), `--quiet` prints warnings alone.
 * SKEIN_BUILD_VERSION gives the set another version, so that a test has two releases.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build as bundle, type Plugin } from 'esbuild';
import { ENTRIES, type Entry, outputDirectories, type Part, ROOT } from './build/entries.ts';
import { inkPlugin } from './build/ink-plugin.ts';
import { leanMcp } from './build/lean-mcp.ts';
import { copyNativeParts } from './build/native-parts.ts';
import { nativePlugin } from './build/native-plugin.ts';
import { bundleOptions, productVersion } from './build/options.ts';
import { wholeAsText } from './build/whole-as-text.ts';
import { writeIfChanged } from './build/write.ts';
import { sourceHash, stampBuild } from './setup/stamps.mjs';

export interface BuildOptions {
  /** Where to build a whole set; without it, packages/<part>/dist. */
  outdir?: string;
  /** The version that the bundles tell; without it, SKEIN_BUILD_VERSION, else that of packages/cli/package.json. */
  version?: string;
  /** Takes what a person should know, one line each. */
  warn?: (line: string) => void;
}

interface Built {
  version: string;
  /** Absolute paths of all that was written. */
  files: string[];
  /** Absolute path of the directory of each part. */
  directories: Record<Part, string>;
}

/** Builds every entry whose source exists; throws esbuild's BuildFailure for a source that is wrong. */
export async function build(options: BuildOptions = {}): Promise<Built> {
  const warn = options.warn ?? ((line: string) => process.stderr.write(`${line}\n`));
  const version = options.version ?? productVersion();
  const directories = outputDirectories(options.outdir);
  for (const directory of Object.values(directories)) mkdirSync(directory, { recursive: true });
  const present = ENTRIES.filter((entry) => {
    if (existsSync(join(ROOT, entry.source))) return true;
    warn(`build: ${entry.source} does not exist yet; left out`);
    return false;
  });
  const build = createHash('sha256').update(`${sourceHash()}\0${version}`).digest('hex').slice(0, 8);
  const bundled = await Promise.all(
    present.map((entry) => buildEntry(entry, directories[entry.part], version, build)),
  );
  return { version, directories, files: [...bundled.flat(), ...copyNativeParts(directories.node)] };
}

async function buildEntry(
  entry: Entry,
  directory: string,
  version: string,
  build: string,
): Promise<string[]> {
  const result = await bundle({
    ...bundleOptions(entry, version, build),
    entryPoints: [join(ROOT, entry.source)],
    outfile: join(directory, entry.output),
    absWorkingDir: ROOT,
    plugins: pluginsOf(entry),
    metafile: true,
    write: false,
  });
  const files: string[] = [];
  for (const output of result.outputFiles) {
    files.push(writeIfChanged(output.path, output.contents, entry.executable ? 0o755 : 0o644));
  }
  if (entry.metafile !== undefined) {
    files.push(
      writeIfChanged(join(directory, entry.metafile), Buffer.from(`${JSON.stringify(result.metafile)}\n`)),
    );
  }
  return files;
}

function pluginsOf({ part, module, output }: Entry): Plugin[] {
  if (output === 'mcp.cjs') return [leanMcp];
  if (part !== 'cli') return [nativePlugin];
  return module === true ? [inkPlugin] : [nativePlugin, wholeAsText];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { outdir: { type: 'string' }, quiet: { type: 'boolean', default: false } },
  });
  const hash = sourceHash();
  const began = performance.now();
  try {
    const built = await build(values.outdir === undefined ? {} : { outdir: resolve(values.outdir) });
    if (values.outdir === undefined)
      stampBuild(
        hash,
        built.files.map((file) => relative(ROOT, file)),
      );
    if (!values.quiet) {
      const took = ((performance.now() - began) / 1000).toFixed(1);
      process.stderr.write(`built ${built.version}: ${built.files.length} files in ${took} s\n`);
    }
  } catch (error) {
    // esbuild has printed what is wrong, with the lines.
    if (!(error instanceof Error && 'errors' in error)) throw error;
    process.exitCode = 1;
  }
}
