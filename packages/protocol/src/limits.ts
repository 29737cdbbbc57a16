/** Every limit that both ends of a wire must know, with its unit and its reason. */

const KiB = 1024;
const MiB = 1024 * KiB;

/** Bytes. The largest frame of the channel or the host protocol; its length is checked before memory is taken (C5). */
export const MAX_FRAME = 1 * MiB;

/** Bytes. What may be under way on one lane before its reader has consumed it (C2). */
export const LANE_WINDOW = 256 * KiB;
/** Bytes consumed on a lane for which credit goes back at once: each time costs a frame on every node of the way. */
export const LANE_CREDIT_STEP = LANE_WINDOW / 8;

/**
 * Bytes under way to a terminal that shows a program, and after how many it reports what it has shown. Small, because
 * what is under way must be shown before the answer to Ctrl-C; large enough to keep a fast terminal busy.
 */
export const VIEW_WINDOW = 16 * KiB;
export const VIEW_REPORT = 4 * KiB;

/** Bytes. The most that is ever kept for one lane, whatever its reader does (C2). */
export const LANE_MAX = 1 * MiB;

/** Bytes. The largest frame that opens a connection, of the channel or the host protocol: who sends it is not known yet. */
export const MAX_HELLO = 4 * KiB;
/** Bytes. The largest frame of the host protocol that a viewer may send. */
export const MAX_VIEWER_FRAME = 128 * KiB;

/** Lanes a connection may have open at once. */
export const MAX_LANES = 64;

/** Bytes. A larger event body is stored as a content-addressed blob (L8). */
export const MAX_INLINE_BODY = 64 * KiB;

/** Bytes. One chunk of a blob in transfer. */
export const BLOB_CHUNK = 64 * KiB;

/** Commands an actor holds before it answers `mailbox_full` (K3). */
export const MAILBOX = 1024;

/** Events in one page of a subscription, and the bytes after which a page closes early. */
export const PAGE_EVENTS = 512;
export const PAGE_BYTES = 128 * KiB;

/** Milliseconds that a receipt is kept after the client acknowledged the reply: seven days (K2). */
export const RECEIPT_KEEP_MS = 7 * 24 * 3600 * 1000;

/** Columns and rows of a terminal. A wide character needs two columns; the upper bound is what an emulator can afford. */
export const MIN_COLS = 2;
export const MIN_ROWS = 1;
export const MAX_SIZE = 1000;

/** Bytes of a PTY's journal on disk, unless configured; and what may be configured (H2). It is dropped in pieces of 4 MiB. */
export const JOURNAL_BYTES = 64 * MiB;
export const MIN_JOURNAL_BYTES = 8 * MiB;
export const MAX_JOURNAL_BYTES = 64 * 1024 * MiB;

/**
 * Bytes of a pipe's output that are kept and not yet known to be durable elsewhere; at so many its reading stops (H2). More
 * than the longest line of an agent (16 MiB), which is not durable elsewhere before its end has come.
 */
export const PIPE_JOURNAL_BYTES = 64 * MiB;

/** Bytes of the last that a program on pipes wrote to its stderr, told with its end. */
export const STDERR_TOLD = 4 * KiB;

/** Bytes that a PTY keeps in memory while its journal cannot be written (H2). */
export const RING_BYTES = 1 * MiB;

/** Programs in one host (H1). */
export const RUNS_PER_HOST = 32;

/** Milliseconds in which a one-time right must be used. */
export const RIGHT_TTL_MS = 30_000;

/** Milliseconds: how often an idle connection is pinged, and the silence after which it is dead (C4). */
export const PING_MS = 3_000;
export const DEAD_MS = 9_000;

/** Milliseconds between looks at that. A silence is found at the first look past DEAD_MS: within 10 s (C4). */
export const HEART_MS = 500;

/** Addresses at which a node listens, and relays with which it registers. */
export const MAX_ADDRESSES = 8;

/** Characters of a session's name. */
export const MAX_NAME = 64;

/** Of a session: tickets that can still be used, people in all (revoked ones are kept, to be refused), devices of one. */
export const MAX_TICKETS = 256;
export const MAX_MEMBERS = 512;
export const MAX_MEMBER_DEVICES = 16;

/** Devices that one ticket may admit. */
export const MAX_TICKET_USES = 1000;

/** Milliseconds that a ticket may be good for: thirty days. A secret that lies about longer is found by somebody. */
export const MAX_TICKET_MS = 30 * 24 * 3600 * 1000;

/** Lines that have scrolled away, of those that are asked for at once. */
export const MAX_HISTORY = 100_000;
