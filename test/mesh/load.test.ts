/** The mesh is a bundle of its own, so that a node without mesh does not pay for libp2p. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { bundleOptions } from '../../scripts/build/options.ts';
import { DIST } from '../support/node-process.ts';

/** A word that Yamux cannot do without. */
const LIBP2P = '/yamux/1.0.0';

test('the bundle of the node holds nothing of libp2p; that of the mesh does', () => {
  expect(readFileSync(join(DIST, 'node.cjs'), 'utf8')).not.toContain(LIBP2P);
  expect(readFileSync(join(DIST, 'mesh.cjs'), 'utf8')).toContain(LIBP2P);
});

test('whoever loads the mesh lazily takes in a few lines, and a mesh that works', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-load-'));
  try {
    const source = join(import.meta.dirname, '../../packages/node/src/mesh/load.ts');
    const entry = { part: 'node', source, output: 'load.cjs', names: 'long' } as const;
    const outfile = join(dir, 'load.cjs');
    await build({ ...bundleOptions(entry, '0'), entryPoints: [source], outfile });
    const text = readFileSync(outfile, 'utf8');
    expect(text).not.toContain(LIBP2P);
    expect(text.length).toBeLessThan(5_000);
    const program = `
      const { loadMesh } = require(${JSON.stringify(outfile)});
      const before = process.memoryUsage().rss;
      loadMesh().then(({ startMesh }) => console.log(typeof startMesh, before < process.memoryUsage().rss));`;
    const linked = join(dir, 'mesh.cjs');
    symlinkSync(join(DIST, 'mesh.cjs'), linked);
    const ran = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(ran.stdout.trim()).toBe('function true');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
