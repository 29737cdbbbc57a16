/** Loads the mesh when it is wanted: libp2p costs a quarter of a second and 60 MB, which a node without mesh does not pay. */
import { createRequire } from 'node:module';
import path from 'node:path';

declare const __SKEIN_BUNDLE__: unknown;

type MeshModule = typeof import('./mesh.ts');

/** The module of ./mesh.ts: from the bundle beside this one, or from source when nothing was bundled. */
export async function loadMesh(): Promise<MeshModule> {
  if (typeof __SKEIN_BUNDLE__ === 'undefined') return await import('./mesh.ts');
  return createRequire(import.meta.url)(path.join(import.meta.dirname, 'mesh.cjs'));
}
