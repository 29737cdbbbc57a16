/** Names that belong to one device, made of those that it chose: nobody is answered with another's (rules K2, H3). */
import { createHash } from 'node:crypto';

export function nameFor(device: string, chosen: string): string {
  return createHash('sha256').update(`${device} ${chosen}`).digest('base64url');
}
