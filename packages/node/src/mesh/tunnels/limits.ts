/** Limits of the protocol between nodes, each with its unit and its reason. */
import { MAX_FRAME } from '@skein/protocol/limits';

const KiB = 1024;

/** The libp2p protocol; its last part is the version. */
export const PEER_PROTOCOL = '/skein/peer/1';

/** Bytes of the largest message of a tunnel. */
export const MESSAGE_MAX = MAX_FRAME;

/** Bytes that may be under way in one direction of a tunnel, before the far consumer has taken them (C2): one largest message. */
export const TUNNEL_WINDOW = MESSAGE_MAX;

/** Bytes that a message counts for at least, so that many empty ones cost their sender what they cost their receiver. */
export const MESSAGE_COST = 256;

/** Bytes after whose taking credit goes back at once; less goes back after CREDIT_MS. */
export const CREDIT_STEP = TUNNEL_WINDOW / 8;
/** Milliseconds: nobody waits for so little credit, and to say it costs the two ends a frame, and whoever types time. */
export const CREDIT_MS = 250;

/** Bytes of a piece of a message: after it the next tunnel has its turn. */
export const PIECE_MAX = 64 * KiB;

/**
 * Bytes handed to the stream at once. With the muxer's header (12) and the cipher's tag (16) it fills one Noise message
 * (65,535) exactly; one byte more would cost a second one.
 */
export const BATCH_MAX = 65_535 - 16 - 12;

/** Bytes that may wait in the stream for the muxer; more would only delay what is urgent. */
export const STREAM_WAITING = 128 * KiB;

/** Bytes of one frame: a piece and its header. */
export const FRAME_MAX = PIECE_MAX + 16;

/** Frames of one peer after which all others have their turn: under a millisecond of small ones, megabytes of large ones. */
export const FRAMES_A_TURN = 128;

/** Bytes of HELLO, and of what is told with CLOSE and END. */
export const HELLO_MAX = 8 * KiB;
export const REASON_MAX = 4 * KiB;

/** Tunnels that one peer may have open at once. */
export const TUNNELS_MAX = 256;

/** Bytes that the owner of a tunnel may have handed over unsent. One that ignores `buffered` is at fault, and is closed. */
export const UNSENT_MAX = 8 * 1024 * KiB;

/** Bytes: `drain` is told when `buffered` falls to this. */
export const DRAIN_AT = TUNNEL_WINDOW / 2;

/** Milliseconds that a closed tunnel has to send what its owner handed over before. */
export const LINGER_MS = 2_000;

/** Addresses that a peer may name in HELLO, and characters of each. */
export const ADDRESSES_MAX = 16;
export const ADDRESS_MAX = 300;
