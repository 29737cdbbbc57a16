/**
 * A ticket as people pass it on (rule M3): one line that is told whole or wrong by its own checksums.
 *
 *     skein1 ‖ what text/sealed.ts makes of a msgpack map
 *
 * That begins with a letter, which ends the version's digits.
 * Whoever holds the line holds the secret in it: it never stands in an argument, an event or a log.
 */
import { pack, unpack } from '../codec.ts';
import { SkeinError } from '../errors.ts';
import { MAX_RELAY_ADDRESS } from '../relay/address.ts';
import { keyOf, peerIdOf } from '../relay/peer-id.ts';
import { bytes, type Infer, int, list, obj, oneOf, opt, str } from '../shape.ts';
import { seal, unseal, unspaced } from '../text/sealed.ts';
import { HISTORIES, type History, ROLES, type Role } from './roles.ts';

export interface TicketText {
  /** PeerId of the node that owns the session. */
  peer: string;
  /** Relays at which it can be found, each with the relay's own PeerId (`wss://host#12D3…`). */
  relays: string[];
  /** Addresses at which it may be reached directly. */
  addrs: string[];
  session: string;
  /** 16 random bytes. The node keeps only their hash. */
  secret: Uint8Array;
  role: Role;
  /** Seconds since 1970. */
  expires: number;
  history: History;
  /** What the node and the session are called by whoever shares them. */
  node?: string;
  name?: string;
}

/** Characters of a ticket: what a terminal, a chat and a QR code still take as one piece. */
export const MAX_TICKET_TEXT = 2048;
/** Characters that are looked at when one is read: with all the white space that copying may bring. */
const MAX_PASTED = 4 * MAX_TICKET_TEXT;
/** Bytes of the secret: 128 bits. */
const SECRET_BYTES = 16;

const VERSION = 1;

const body = obj({
  k: bytes(32),
  r: list(str(MAX_RELAY_ADDRESS), 8),
  a: list(str(256), 16),
  s: str(64),
  x: bytes(SECRET_BYTES),
  o: oneOf(...ROLES),
  e: int(0),
  h: oneOf(...HISTORIES),
  n: opt(str(64)),
  m: opt(str(64)),
});

/** A new secret. */
export function newSecret(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
}

/** What is told and kept of a secret: its SHA-256, in hex. */
export async function hashSecret(secret: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(secret))));
}

export function hex(raw: Uint8Array): string {
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Throws `too_large` when there are more addresses than fit. */
export function encodeTicket(ticket: TicketText): string {
  const fields: Infer<typeof body> = {
    k: keyOf(ticket.peer),
    r: ticket.relays,
    a: ticket.addrs,
    s: ticket.session,
    x: ticket.secret,
    o: ticket.role,
    e: ticket.expires,
    h: ticket.history,
    ...(ticket.node === undefined ? {} : { n: ticket.node }),
    ...(ticket.name === undefined ? {} : { m: ticket.name }),
  };
  const packed = pack(fields);
  const text = `skein${VERSION}${seal(packed)}`;
  if (text.length > MAX_TICKET_TEXT || packed.length > MAX_TICKET_TEXT) {
    throw new SkeinError(
      'too_large',
      `A ticket has at most ${MAX_TICKET_TEXT} characters: name fewer addresses or relays.`,
    );
  }
  return text;
}

/**
 * Reads a ticket, with whatever white space copying has put around or into it. Throws `ticket_malformed` (not a ticket),
 * `ticket_newer`, `ticket_cut` (the end is missing), `ticket_mistyped`, and, when `now` (ms) is given, `ticket_expired`.
 */
export function decodeTicket(pasted: string, now?: number): TicketText {
  if (pasted.length > MAX_PASTED) throw malformed('it is too long');
  const [, version, data] = /^skein(\d{1,4})(.*)$/.exec(unspaced(pasted)) ?? [];
  if (version === undefined || data === undefined) throw malformed('it does not begin with "skein1"');
  if (Number(version) !== VERSION) {
    if (Number(version) < VERSION || !/^[a-z]/.test(data)) throw mistyped();
    throw new SkeinError(
      'ticket_newer',
      `This ticket is of version ${version}, and this Skein reads version ${VERSION}: update Skein here.`,
      { version: Number(version) },
    );
  }
  const ticket = read(unwrap(data));
  if (now !== undefined && ticket.expires * 1000 <= now) {
    throw new SkeinError('ticket_expired', 'This ticket has expired: ask for another.', {
      expired: ticket.expires,
      rule: 'M3',
    });
  }
  return ticket;
}

function unwrap(data: string): Uint8Array {
  const packed = unseal(data);
  if (packed === 'cut') throw cut();
  if (packed === 'mistyped') throw mistyped();
  return packed;
}

function read(packed: Uint8Array): TicketText {
  try {
    const { k, r, a, s, x, o, e, h, n, m } = body(unpack(packed), '');
    if (x.length !== SECRET_BYTES) throw new Error('its secret is too short');
    return {
      peer: peerIdOf(k),
      relays: r,
      addrs: a,
      session: s,
      secret: Uint8Array.from(x),
      role: o,
      expires: e,
      history: h,
      ...(n === undefined ? {} : { node: n }),
      ...(m === undefined ? {} : { name: m }),
    };
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'it cannot be read');
  }
}

function malformed(why: string): SkeinError {
  return new SkeinError('ticket_malformed', `This is not a ticket: ${why.replace(/\.$/, '')}.`);
}

function mistyped(): SkeinError {
  return new SkeinError('ticket_mistyped', 'This ticket was mistyped: its checksum is wrong. Copy it anew.');
}

function cut(): SkeinError {
  return new SkeinError('ticket_cut', 'This ticket is cut off: its end is missing. Copy the whole line.');
}
