/** The effects of what is decided about the mesh (rule K4): it is made as configured, and whoever is blocked is cut off. */
import type { KernelApi } from '../kernel/types.ts';
import { CONFIGURE_MESH, CUT_PEER } from './actor.ts';
import type { Meshed } from './meshed.ts';

export function registerMeshEffects(kernel: KernelApi, meshed: Meshed): void {
  kernel.registerEffect({
    kind: CONFIGURE_MESH,
    idempotent: true,
    async run() {
      await meshed.apply();
      return {};
    },
  });
  kernel.registerEffect({
    kind: CUT_PEER,
    // After a restart there is nothing to cut.
    idempotent: true,
    async run(body) {
      const { peer, why } = body as { peer: string; why: string };
      meshed.cut(peer, why);
      return {};
    },
  });
}
