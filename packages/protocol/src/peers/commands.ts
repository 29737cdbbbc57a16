/** The commands to this node about the mesh and the other nodes it knows: their bodies (zod). The target is `peers` (rule K1). */
import * as z from 'zod';
import { MAX_ADDRESSES } from '../limits.ts';
import { grantCommands } from '../machines/commands.ts';
import { isRelayAddress, MAX_RELAY_ADDRESS } from '../relay/address.ts';
import { isPeerId } from '../relay/peer-id.ts';
import { sessionName } from '../sessions/commands.ts';
import { isListenPlace } from './listen-place.ts';

/** What another node is called here: like a session, so that `node:session` can be told apart. */
const nodeName = sessionName;

const peerId = z.string().max(64).refine(isPeerId, 'must be a PeerId');

const place = z.string().max(256).refine(isListenPlace, 'must be a host and port, as in 0.0.0.0:7001');
const relay = z
  .string()
  .max(MAX_RELAY_ADDRESS)
  .refine(isRelayAddress, 'must be a relay, as in ws://relay.example.org:7000');

export const peerCommands = {
  /** Says whether this node meets others, what it is called by them, where it listens, and at which relays it is found. */
  'mesh.configure': z.object({
    on: z.boolean().optional(),
    name: nodeName.optional(),
    listen: z.array(place).max(MAX_ADDRESSES).optional(),
    relays: z.array(relay).max(MAX_ADDRESSES).optional(),
    /** Besides those there are. */
    add: z.array(relay).max(MAX_ADDRESSES).optional(),
    remove: z.array(relay).max(MAX_ADDRESSES).optional(),
  }),
  'peer.rename': z.object({ peer: peerId, name: nodeName }),
  /** Forgets a node and its sessions; being a member there it can be joined again by a ticket. */
  'peer.forget': z.object({ peer: peerId }),
  /** Lets nothing of a node in any more, or lets it in again. It need not be known. */
  'peer.block': z.object({ peer: peerId, blocked: z.boolean() }),
  ...grantCommands,
};
export type PeerCommands = { [K in keyof typeof peerCommands]: z.infer<(typeof peerCommands)[K]> };
