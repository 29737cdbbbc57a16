/** Limits that the relay and those who use it must both know, each with its unit and its reason. */

const KiB = 1024;

/** Bytes of a control frame: the largest, `register` with an admission token, has under 600. */
export const CONTROL_FRAME = 4 * KiB;

/** Bytes of a nonce: nobody guesses or repeats one. */
export const NONCE_BYTES = 32;

/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

/** Bytes of a one-time token, and the milliseconds in which it must be presented: a slow handshake through a proxy fits. */
export const TOKEN_BYTES = 16;
export const TOKEN_MS = 15_000;

/** Milliseconds from accepting a connection until it is registered, or has presented a token. */
export const AUTH_MS = 5_000;

/** Milliseconds that a clock may be wrong. Nonces keep old signatures out; this bounds what a stolen nonce is good for. */
export const CLOCK_SKEW_MS = 120_000;

/** Characters of an admission token. */
export const ADMISSION_MAX = 256;

/** Bytes of one WebSocket message on `/data-ws`. It is gathered before it is passed on, so it is what an end may cost. */
export const SPLICE_MESSAGE = 64 * KiB;

/** Bytes that wait at the relay for an end that does not take them, before the other end's reading stops (C2). */
export const SPLICE_HIGH_WATER = 64 * KiB;

/** Milliseconds without a byte either way, after which a splice is cut, unless the relay is told otherwise. */
export const SPLICE_IDLE_MS = 60_000;

/**
 * Milliseconds: a control connection on which nothing was heard for so long sends `ping`, and is dead when nothing
 * came for so long (C4). Rarer than a channel's, because 2,000 nodes beat on one relay (R4).
 */
export const CONTROL_PING_MS = 6_000;
export const CONTROL_DEAD_MS = 9_000;
