/** What is asked about agents on other machines: grants, where this node is found, leases that go on (rules X1, X3). */
import type { MachineAsks } from '@skein/protocol/machines/asks';
import { encodeLocator } from '@skein/protocol/peers/locator';
import type { NodeState } from '@skein/protocol/sessions/node-state';
import type { KernelApi } from '../kernel/types.ts';
import { notAllowed } from '../members/refusals.ts';
import type { Meshed } from '../peers/meshed.ts';
import type { Handlers } from '../sessions/ask-call.ts';
import type { HostedLeases } from './worker/leases.ts';
import { usedUnder } from './worker/place.ts';

interface MachineAskContext {
  kernel: KernelApi;
  meshed: Meshed;
  leases: HostedLeases;
}

export function machineHandlers({ kernel, meshed, leases }: MachineAskContext): Handlers<keyof MachineAsks> {
  return {
    async grants() {
      const { state } = await kernel.state<NodeState>('node');
      return Object.values(meshed.state.grants)
        .sort((a, b) => a.given - b.given)
        .map((grant) => ({
          ...grant,
          node: meshed.state.known[grant.peer]?.name ?? null,
          used: usedUnder(state, grant.grant),
        }));
    },
    async locator() {
      await meshed.settled;
      const { addrs, relays } = meshed.mesh.addresses();
      return { locator: encodeLocator({ peer: meshed.id, node: meshed.name, addrs, relays }) };
    },
    async renew({ epoch }, { by, session }) {
      // Its own user does not command it (A5).
      if (by.kind !== 'device') throw notAllowed('granted', 'owner');
      return leases.renew(session.id, epoch);
    },
  };
}
