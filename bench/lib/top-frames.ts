/** How long a frame of `skein top` takes: its own code, bundled as it is for the product, since Node runs no JSX. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LoadAnswer } from '@skein/protocol/machines/load';
import { build } from 'esbuild';
import { inkPlugin } from '../../scripts/build/ink-plugin.ts';
import { bundleOptions } from '../../scripts/build/options.ts';

/** Milliseconds of the median frame, by width. */
export async function topFrames(answer: LoadAnswer, widths: readonly number[]): Promise<Map<number, number>> {
  const dir = mkdtempSync('/tmp/skb-top-');
  try {
    const outfile = join(dir, 'frames.mjs');
    const source = join(import.meta.dirname, 'top-frame.ts');
    const entry = { part: 'cli', source, output: 'frames.mjs', names: 'short', module: true } as const;
    await build({ ...bundleOptions(entry, '0'), entryPoints: [source], outfile, plugins: [inkPlugin] });
    const { frame } = (await import(pathToFileURL(outfile).href)) as typeof import('./top-frame.ts');
    return new Map(widths.map((cols) => [cols, frame(answer, cols)]));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
