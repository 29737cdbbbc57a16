/** How long a ticket is still good for: as its own node counts, whose clock may not be this machine's. */
import type { ListedTicket } from '@skein/protocol/sessions/asks';

/** Milliseconds. A node of before does not tell, and one of another machine may tell anything. */
export function goodFor(
  { expires, expiresIn }: Pick<ListedTicket, 'expires' | 'expiresIn'>,
  now: number,
): number {
  return typeof expiresIn === 'number' ? expiresIn : expires - now;
}
