/** Rights to a session's running program (rule H1), for the machine's user and for members' devices alike. */
import { randomBytes } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
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

type Hosts = Pick<HostPool, 'get' | 'socketOf'>;

/** Throws `not_running` where the run has ended just now, and that is recorded. */
export async function grantRight(
  hosts: Hosts,
  { run, host, role, who, floor }: RightWanted,
): Promise<GrantedRight> {
  const token = randomBytes(16).toString('base64url');
  const answer = await hosts.get(host).request('right', { hash: hashOf(token), run, role, who, floor });
  return { socket: hosts.socketOf(host), token, floored: answer.floor === floor };
}

/** The same; undefined where it has ended. */
export async function rightWhileRunning(
  hosts: Hosts,
  wanted: RightWanted,
): Promise<GrantedRight | undefined> {
  try {
    return await grantRight(hosts, wanted);
  } catch (error) {
    if (SkeinError.from(error).code === 'not_running') return undefined;
    throw error;
  }
}
