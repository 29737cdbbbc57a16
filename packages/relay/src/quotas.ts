/** What the relay allows, each limit with its unit, its default and its reason. Zero means no limit where it says so. */
import { SPLICE_IDLE_MS } from '@skein/protocol/relay/limits';

export interface Quotas {
  /** Sockets in all: two a splice, one a registered node. */
  connections: number;
  /** Registered nodes and devices. */
  nodes: number;
  /** Those from one address (an IPv6 network of 64 bits) that anybody could be: one alone cannot take all places. */
  nodesPerAddress: number;
  /** Splices in all, and those that one peer has dialled. */
  splices: number;
  splicesPerPeer: number;
  /** Dials that wait for their ends: in all, by one dialer, and for one node, which many dialers may want. */
  pending: number;
  pendingPerPeer: number;
  pendingForPeer: number;
  /** Bytes a second, 0 for no limit: in all, and of all splices that one peer is an end of, both ways together. */
  rate: number;
  ratePerPeer: number;
  /** Connections that have not yet proved anything: in all, and from one address (an IPv6 network of 64 bits). */
  newcomers: number;
  newcomersPerAddress: number;
  /** Control frames a second from one registered peer; as many more may come at once. */
  framesPerSecond: number;
  /** Milliseconds without a byte either way, after which a splice is cut. */
  idleMs: number;
}

export const DEFAULT_QUOTAS: Quotas = {
  connections: 16_384,
  nodes: 8_192,
  nodesPerAddress: 256,
  splices: 4_096,
  splicesPerPeer: 128,
  pending: 1_024,
  pendingPerPeer: 16,
  pendingForPeer: 64,
  rate: 0,
  ratePerPeer: 0,
  newcomers: 1_024,
  newcomersPerAddress: 64,
  framesPerSecond: 50,
  idleMs: SPLICE_IDLE_MS,
};
