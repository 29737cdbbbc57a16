/**
 * The relay's wire (rules R1, C3, C5). One port; the last segment of the path says what is wanted:
 *
 * - `control`: a WebSocket of binary messages, each one msgpack map with a type `t`, as below.
 * - `data`: an HTTP/1.1 Upgrade to `skein-splice` with `Authorization: Skein <token>`; then bare bytes.
 * - `data-ws`: a WebSocket whose binary messages are the bytes. A browser, which cannot set that header, offers two
 *   subprotocols: `skein-splice` and `skein-token.<token>`.
 *
 * Control opens with the relay's `challenge`. The node answers `register`, signed over ./transcript.ts; the relay answers
 * `registered`, signed over the same, so that the node knows the relay it has pinned; or `refused`, and closes. Then:
 *
 * - `dial {n, to}` → `dialled {n, token}` or `undialled {n, error}`. The far node gets `incoming {token, from}` at the same
 *   time, `from` being the dialer as the relay authenticated it, with a token of its own; `decline` tells that it will not come.
 * - Each end opens `data` or `data-ws` with its own token, once, within TOKEN_MS. When both are there the relay answers 101
 *   to both and joins them; nothing may be sent before that. An end whose other end does not come is answered 504, one that
 *   was declined 403, one with a token that is not known 401; the body is `{"error": {"code", "message"}}`.
 * - `goaway {after}`: the relay is about to restart. Come back after a random part of `after` milliseconds.
 * - `ping` → `pong`, either way.
 *
 * A PeerId has one control connection: a newer one replaces the older, which is told `refused` with `replaced`.
 */
import { SkeinError } from '../errors.ts';
import { any, bool, bytes, type Infer, int, list, obj, opt, type Shape, str, union } from '../shape.ts';
import { ADMISSION_MAX, NONCE_BYTES, SIGNATURE_BYTES, TOKEN_BYTES } from './limits.ts';
import { peerId } from './peer-id.ts';

/** Versions of the control protocol this build speaks, best first. The signed domain names the version. */
export const RELAY_VERSIONS = [1];

/** The HTTP Upgrade, and the WebSocket subprotocol, of a splice. */
export const SPLICE_PROTOCOL = 'skein-splice';
/** What stands before the token in a WebSocket subprotocol, and in the Authorization header. */
export const TOKEN_PROTOCOL = 'skein-token.';
export const TOKEN_SCHEME = 'Skein ';

/** Binary of exactly so many bytes. */
function exactly(size: number): Shape<Uint8Array> {
  const atMost = bytes(size);
  return (value, path) => {
    const found = atMost(value, path);
    if (found.length === size) return found;
    throw new SkeinError('bad_frame', `A frame's field "${path}" must be binary of ${size} bytes.`, {
      field: path,
    });
  };
}

const nonce = exactly(NONCE_BYTES);
const signature = exactly(SIGNATURE_BYTES);
const token = exactly(TOKEN_BYTES);
const n = int(1, 0xffffffff);
const error = obj({ code: str(64), message: str(1024), data: opt(any) });

/** What a node, or a device that only dials, sends. */
export const toRelay = union({
  register: obj({
    v: int(1, 65535),
    peer: peerId,
    /** The node's own nonce, which the relay's signature proves it has seen. */
    nonce,
    /** Milliseconds since 1970 by the node's clock. */
    time: int(),
    /** Whether it may be dialled; false for a device that only dials. */
    listen: bool,
    sig: signature,
    /** The admission token, where the relay asks for one. */
    admission: opt(str(ADMISSION_MAX)),
  }),
  dial: obj({ n, to: peerId }),
  /** The token of the `incoming` that is declined. */
  decline: obj({ token }),
  ping: obj({ n: int(0) }),
  pong: obj({ n: int(0) }),
});
export type ToRelay = Infer<typeof toRelay>;

/** What the relay sends. */
export const fromRelay = union({
  challenge: obj({
    v: list(int(1, 65535), 32),
    relay: peerId,
    nonce,
    /** Milliseconds since 1970 by the relay's clock. */
    time: int(),
  }),
  registered: obj({ sig: signature }),
  /** The connection ends with this. */
  refused: obj({ error }),
  incoming: obj({ token, from: peerId }),
  dialled: obj({ n, token }),
  undialled: obj({ n, error }),
  goaway: obj({ after: int(0, 3_600_000) }),
  ping: obj({ n: int(0) }),
  pong: obj({ n: int(0) }),
});
export type FromRelay = Infer<typeof fromRelay>;
