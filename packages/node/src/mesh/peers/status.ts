/** What is told of a peer: its path and figures, and why it cannot be reached. Pure. */
import { SkeinError } from '@skein/protocol/errors';
import type { PeerStatus } from '../api.ts';
import type { TunnelLink } from '../tunnels/tunnels.ts';
import type { Attempts } from './attempts.ts';
import { bestOf } from './choice.ts';
import { type Held, linksOf } from './held.ts';

interface StatusParts {
  id: string;
  held: readonly Held[];
  /** The one that is used; without it, the best is shown. */
  present: Held | undefined;
  /** Bytes of streams that have ended. */
  before: { in: number; out: number };
  wanted: boolean;
  error: string | undefined;
}

export function peerStatus({ id, held: all, present, before, wanted, error }: StatusParts): PeerStatus {
  const held = present ?? bestOf(all, undefined);
  const links = all.flatMap(linksOf);
  const rtt = (held?.out ?? [...(held?.in ?? [])].at(-1))?.rtt;
  const sum = (of: (link: TunnelLink) => number) => links.reduce((total, link) => total + of(link), 0);
  return {
    peer: id,
    path: held?.kind ?? 'none',
    ...(held?.via !== undefined && { via: held.via }),
    ...(rtt !== undefined && { rtt }),
    ...(held !== undefined && { since: held.since }),
    bytesIn: before.in + sum((link) => link.bytesIn),
    bytesOut: before.out + sum((link) => link.bytesOut),
    tunnels: sum((link) => link.tunnels),
    wanted,
    ...(error !== undefined && held === undefined && { error }),
  };
}

/** `data.ways` says of each way what it is, of which kind, and why it failed. */
export function unreachable(id: string, ways: ReturnType<Attempts['reasons']>): SkeinError {
  const short = `${id.slice(0, 8)}…${id.slice(-6)}`;
  const why = ways.map((one) => `${one.way}: ${one.why}`).join('; ') || 'no address of it is known';
  return new SkeinError('peer_unreachable', `${short} cannot be reached now: ${why.replace(/\.+$/, '')}.`, {
    peer: id,
    ways,
  });
}
