/** Rights to a session's running program (rule H1), for the machine's user and for members' devices alike. */
import { randomBytes } from 'node:crypto';
import { hashOf } from '../host/rights.ts';
import type { HostPool } from '../hosts/pool.ts';

interface RightWanted {
  run: string;
  host: string;
  role: 'read' | 'write';
  /** Whose it is, as the host will tell it back. */
  who: string;
  /** The first byte of output that may be read. */
  floor: number;
}

interface GrantedRight {
  socket: string;
  token: string;
  /** Whether the host keeps to the floor itself; one of an earlier release does not know of it. */
  floored: boolean;
}

export async function grantRight(
  hosts: HostPool,
  { run, host, role, who, floor }: RightWanted,
): Promise<GrantedRight> {
  const token = randomBytes(16).toString('base64url');
  const answer = await hosts.get(host).request('right', { hash: hashOf(token), run, role, who, floor });
  return { socket: hosts.socketOf(host), token, floored: answer.floor === floor };
}
