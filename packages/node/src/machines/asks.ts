/** What is asked about agents on other machines: grants, where this node is found, leases that go on (rules X1, X3). */
import { SkeinError } from '@skein/protocol/errors';
import type { MachineAsks } from '@skein/protocol/machines/asks';
import type { Meshed } from '../peers/meshed.ts';
import type { Handlers } from '../sessions/ask-call.ts';

export function machineHandlers({ meshed }: { meshed: Meshed }): Handlers<keyof MachineAsks> {
  return {
    async grants() {
      return Object.values(meshed.state.grants).map((grant) => ({
        ...grant,
        node: meshed.state.known[grant.peer]?.name ?? null,
        used: 0,
      }));
    },
    async locator() {
      throw new SkeinError('mesh_off', 'This node is not found by others. Turn that on: skein mesh --on');
    },
    async renew(_, { session }) {
      throw new SkeinError('not_found', `Session "${session.name}" is at home here.`);
    },
  };
}
