/** The events of the stream `peers`: the mesh's configuration, the nodes that are known, the sessions joined on them. */
import * as z from 'zod';
import { grantEvents } from '../machines/events.ts';
import { ROLES } from '../members/roles.ts';

const id = z.string().min(1).max(64);
const places = { addrs: z.array(z.string()), relays: z.array(z.string()) };

export const peerEvents = {
  'mesh.configured': z.object({
    on: z.boolean(),
    name: z.string(),
    listen: z.array(z.string()),
    relays: z.array(z.string()),
  }),
  'peer.added': z.object({ peer: id, name: z.string(), ...places }),
  /** It is found elsewhere than before. `given`: what of that this machine's user gave, where it told the rest itself. */
  'peer.placed': z.object({ peer: id, ...places, given: z.object(places).optional() }),
  'peer.renamed': z.object({ peer: id, name: z.string() }),
  'peer.forgotten': z.object({ peer: id }),
  'peer.blocked': z.object({ peer: id, blocked: z.boolean() }),
  'away.joined': z.object({
    peer: id,
    session: id,
    name: z.string(),
    role: z.enum(ROLES),
    member: id,
  }),
  'away.forgotten': z.object({ peer: id, session: id }),
  ...grantEvents,
};
export type PeerEvents = { [K in keyof typeof peerEvents]: z.infer<(typeof peerEvents)[K]> };
