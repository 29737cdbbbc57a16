/** Keys for tests and measurements: a PeerId that can sign. */
import { generateKeyPairSync } from 'node:crypto';
import { identityOf, type RelayIdentity } from '../identity.ts';

export function newIdentity(): RelayIdentity {
  return identityOf(generateKeyPairSync('ed25519').privateKey);
}
