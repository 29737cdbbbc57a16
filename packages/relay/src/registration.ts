/** Whether a registration holds (rule R1): its version, its time, its signature. Pure. */
import { SkeinError } from '@skein/protocol/errors';
import { RELAY_VERSIONS, type ToRelay } from '@skein/protocol/relay/frames';
import { CLOCK_SKEW_MS } from '@skein/protocol/relay/limits';
import { type Registration, transcript } from '@skein/protocol/relay/transcript';
import { verifies } from './identity.ts';

export type Register = Extract<ToRelay, { t: 'register' }>;

interface Challenge {
  /** The relay's PeerId. */
  relay: string;
  /** Made for this connection, and good for one registration on it. */
  nonce: Uint8Array;
}

export function registrationOf(frame: Register, challenge: Challenge): Registration {
  return {
    relay: challenge.relay,
    peer: frame.peer,
    relayNonce: challenge.nonce,
    nodeNonce: frame.nonce,
    time: frame.time,
    listen: frame.listen,
  };
}

/** Throws `unsupported_version`, `clock_skewed` or `signature_invalid`. `now` in milliseconds since 1970. */
export function checkRegistration(frame: Register, challenge: Challenge, now: number): void {
  if (!RELAY_VERSIONS.includes(frame.v)) {
    const message = `This relay speaks versions ${RELAY_VERSIONS.join(', ')} of its protocol.`;
    throw new SkeinError('unsupported_version', message, { versions: RELAY_VERSIONS });
  }
  const off = frame.time - now;
  if (Math.abs(off) > CLOCK_SKEW_MS) {
    const message = `Your clock and the relay's differ by ${Math.round(Math.abs(off) / 1000)} s; ${CLOCK_SKEW_MS / 1000} s are allowed. Set it.`;
    throw new SkeinError('clock_skewed', message, { now, off });
  }
  if (!verifies(frame.peer, transcript('register', registrationOf(frame, challenge)), frame.sig)) {
    const message = 'The signature does not hold for this PeerId, this relay and this challenge.';
    throw new SkeinError('signature_invalid', message, { rule: 'R1' });
  }
}
