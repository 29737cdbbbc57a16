/** The name of a blob: the SHA-256 of its bytes in hex (L8). */
import { hash } from 'node:crypto';

export function blobName(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}
