/** The effect of a revocation, or a change of role: live connections of the devices concerned are cut (rules M3, K4). */
import { setImmediate as turn } from 'node:timers/promises';
import type { EffectHandler } from '../kernel/types.ts';
import { CUT_DEVICES, type CutDevices } from './decide.ts';

export function cuttingEffect(cut: (device: string, why: string) => void): EffectHandler {
  return {
    kind: CUT_DEVICES,
    // After a restart there is nothing to cut, and who comes again is met by the log as it is.
    idempotent: true,
    async run(body) {
      const { devices, why } = body as CutDevices;
      // Whoever shut itself out gets its answer first. What it sends meanwhile is refused: the gate knows already.
      await turn();
      for (const device of devices) cut(device, why);
      return {};
    },
  };
}
