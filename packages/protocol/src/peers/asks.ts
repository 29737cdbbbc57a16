/** What a client may ask of a node about the mesh: bodies (zod) and answers. */
import * as z from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Role } from '../members/roles.ts';
import { MAX_RELAY_ADDRESS } from '../relay/address.ts';
import { ADMISSION_MAX } from '../relay/limits.ts';
import type { ListedSession } from '../sessions/asks.ts';

export const peerAsks = {
  /** How this node is found; waits, if told to, until it is registered with a relay or has found that it cannot be. */
  mesh: z.object({ wait: z.int().min(0).max(60_000).optional() }),
  /** Keeps the admission token of a relay that asks for one, or forgets it. It never enters the log. */
  admission: z.object({
    relay: z.string().max(MAX_RELAY_ADDRESS),
    token: z
      .string()
      .max(ADMISSION_MAX)
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
  }),
  /** The nodes that are known, blocked or connected. */
  nodes: z.object({}),
  /** Uses a ticket: this node becomes the device of a member. Once more is harmless. */
  join: z.object({
    ticket: z.string().max(16_384),
    /** What the person is called by the others; by default the user's name. */
    name: z.string().max(256).optional(),
  }),
  /** The sessions joined on other nodes, as those tell them now. */
  away: z.object({}),
  /** Where the node of a session is found: what goes into a ticket for it. */
  meeting: z.object({ ref: z.string().min(1).max(128), wait: z.int().min(0).max(60_000).optional() }),
};

export interface RelayAnswer {
  url: string;
  relay?: string;
  state: 'registered' | 'connecting' | 'refused';
  error?: string;
  /** What kind of error that is; `identity_unsafe`: another node has the key of this one. Older nodes do not say it. */
  code?: ErrorCode;
  /** Milliseconds. */
  rtt?: number;
}

export interface MeshAnswer {
  on: boolean;
  /** PeerId. */
  id: string;
  name: string;
  /** Where it listens, and at which relays it is found: multiaddrs, and pinned URLs. */
  addrs: string[];
  listen: string[];
  relays: RelayAnswer[];
  /** What could not be had as it is configured, and is tried again: the mesh or, while that is on, places to listen. */
  error?: string;
}

export interface NodeAnswer {
  peer: string;
  /** Empty for one that was never joined. */
  name: string;
  path: 'direct' | 'relayed' | 'none';
  /** The relay's URL, when relayed. */
  via?: string;
  /** Milliseconds. */
  rtt?: number;
  /** Since when the path is there, in milliseconds since 1970. */
  since?: number;
  bytesIn: number;
  bytesOut: number;
  blocked: boolean;
  sessions: { id: string; name: string; role: Role }[];
  /** Members of this machine's own sessions whose device it is, by their names. */
  people: string[];
  /** Agents of this machine's sessions that run there, or will: which they are, as `session/agent`. */
  agents?: string[];
  /** Why there is no path. */
  error?: string;
}

export interface AwayAnswer {
  node: string;
  peer: string;
  reachable: boolean;
  error?: string;
  /** What it tells; when it cannot be reached, what is remembered, in the state `unknown`. */
  sessions: (ListedSession | (Pick<ListedSession, 'id' | 'name' | 'role'> & { state: 'unknown' }))[];
}

export interface Meeting {
  peer: string;
  node: string;
  addrs: string[];
  relays: string[];
  session: string;
  name: string;
}

export interface PeerAsks {
  mesh: { body: z.infer<typeof peerAsks.mesh>; answer: MeshAnswer };
  admission: { body: z.infer<typeof peerAsks.admission>; answer: { relay: string } };
  nodes: { body: z.infer<typeof peerAsks.nodes>; answer: NodeAnswer[] };
  join: {
    body: z.infer<typeof peerAsks.join>;
    /** `ref` names the session in every command; `name` is what the person is called in it. */
    answer: { ref: string; node: string; session: string; role: Role; member: string; name: string };
  };
  away: { body: z.infer<typeof peerAsks.away>; answer: AwayAnswer[] };
  meeting: { body: z.infer<typeof peerAsks.meeting>; answer: Meeting };
}
