/**
 * The gate (rule M2): which device may do what in which session, looked up for every frame in the node's index. What the
 * log holds as durable now is what counts; nothing of it is remembered by a connection.
 */
import { allows, type Need, type Role } from '@skein/protocol/members/roles';
import type { PeersState } from '@skein/protocol/peers/state';
import {
  type Admitted,
  emptyNode,
  type Listed,
  type NodeState,
  sessionIn,
  sessionsIn,
} from '@skein/protocol/sessions/node-state';
import type { KernelApi } from '../kernel/types.ts';
import { grantsOf } from '../machines/worker/grants.ts';
import type { Principal } from './principal.ts';
import { noSession, notAllowed } from './refusals.ts';

export class Gate {
  readonly #kernel: Pick<KernelApi, 'peek' | 'state'>;
  #index: NodeState = emptyNode();
  /** The sessions of each device that was asked for, for the present index. */
  #sessions = new Map<string, readonly Listed[]>();

  constructor(kernel: Pick<KernelApi, 'peek' | 'state'>) {
    this.#kernel = kernel;
  }

  /** The sessions that somebody may know of. */
  sessions(by: Principal): readonly Listed[] {
    const index = this.#present();
    if (by.kind === 'owner') return sessionsIn(index);
    let mine = this.#sessions.get(by.device);
    if (mine === undefined) {
      mine = sessionsIn(index).filter(({ devices }) => Object.hasOwn(devices, by.device));
      // Strangers are not remembered: there is no end of them.
      if (mine.length > 0) this.#sessions.set(by.device, mine);
    }
    return mine;
  }

  session(id: string): Listed | undefined {
    return sessionIn(this.#present(), id);
  }

  /** Whether a device is a member's of any session here, or may place agents. */
  knows(device: string): boolean {
    return this.sessions({ kind: 'device', device }).length > 0 || this.hasGrant(device);
  }

  /** Whether a node may place agents here (X1). While the log is being repaired nobody may. */
  hasGrant(device: string): boolean {
    const peers = this.#kernel.peek<PeersState>('peers');
    if (peers === undefined) void this.#kernel.state('peers').catch(() => {});
    return peers !== undefined && grantsOf(peers, device, Date.now()).length > 0;
  }

  admitted(device: string, session: string): Admitted | undefined {
    const devices = this.session(session)?.devices;
    return devices !== undefined && Object.hasOwn(devices, device) ? devices[device] : undefined;
  }

  /** Throws `not_found` where the device is no member, and `not_allowed` where its role is too little. */
  need(device: string, session: string, needs: Need): Admitted {
    const admitted = this.admitted(device, session);
    if (admitted === undefined) throw noSession(session);
    if (needs !== 'anyone' && !allows(admitted.role, needs)) throw notAllowed(needs, admitted.role);
    return admitted;
  }

  /**
   * What is durable now. While the log is being repaired the index is not in memory; then the last one holds, since
   * nothing can be decided meanwhile, and it is asked for again.
   */
  #present(): NodeState {
    const index = this.#kernel.peek<NodeState>('node');
    if (index === undefined) void this.#kernel.state('node').catch(() => {});
    else if (index !== this.#index) {
      this.#index = index;
      this.#sessions = new Map();
    }
    return this.#index;
  }
}

/** What somebody may do in a session that is theirs to see. */
export function roleIn(by: Principal, session: Listed): Role {
  if (by.kind === 'owner') return 'owner';
  const role = Object.hasOwn(session.devices, by.device) ? session.devices[by.device]?.role : undefined;
  if (role === undefined) throw noSession(session.id);
  return role;
}
