/** What is asked about agents on other machines without changing anything that lasts: bodies (zod) and answers. */
import * as z from 'zod';
import { identifier } from '../identifier.ts';
import type { GrantEvents } from './events.ts';

export const machineAsks = {
  /** The grants that this machine has given. */
  grants: z.object({}),
  /** Where this node is found, for `skein node add` on another. */
  locator: z.object({}),
  /** By the home's device: the lease goes on for another term. Refused `lease_lost`. */
  renew: z.object({ ref: identifier, epoch: z.int().min(1) }),
};

export interface ListedGrant extends Omit<Extract<GrantEvents['grant.given'], object>, 'peer'> {
  peer: string;
  /** What that node is called here; null when it is known by its PeerId alone. */
  node: string | null;
  given: number;
  /** Agents under it that run or will run again. */
  used: number;
}

export interface MachineAsks {
  grants: { body: z.input<typeof machineAsks.grants>; answer: ListedGrant[] };
  locator: { body: z.input<typeof machineAsks.locator>; answer: { locator: string } };
  /** Milliseconds that are left, from now, and the present epoch. */
  renew: { body: z.input<typeof machineAsks.renew>; answer: { epoch: number; left: number } };
}
