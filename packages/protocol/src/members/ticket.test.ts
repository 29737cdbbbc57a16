/** Tickets as people copy them (rule M3): read whole or refused with what is wrong, whatever was done to the line. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pack } from '../codec.ts';
import { SkeinError } from '../errors.ts';
import { peerIdOf } from '../relay/peer-id.ts';
import { decodeBase32, encodeBase32 } from '../text/base32.ts';
import { crc8, crc32 } from './crc.ts';
import { ROLES } from './roles.ts';
import {
  decodeTicket,
  encodeTicket,
  hashSecret,
  MAX_TICKET_TEXT,
  newSecret,
  type TicketText,
} from './ticket.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const address = fc.string({ maxLength: 90, unit: 'grapheme-ascii' });
const name = fc.option(fc.string({ maxLength: 64 }), { nil: undefined });
const ticket: fc.Arbitrary<TicketText> = fc
  .record({
    peer: key.map(peerIdOf),
    relays: fc.array(address, { maxLength: 3 }),
    addrs: fc.array(address, { maxLength: 4 }),
    session: fc.string({ maxLength: 64 }),
    secret: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    role: fc.constantFrom(...ROLES),
    expires: fc.nat(),
    history: fc.constantFrom('all' as const, 'from-join' as const),
    node: name,
    name,
  })
  .map(({ node, name: session, ...rest }) => ({
    ...rest,
    ...(node === undefined ? {} : { node }),
    ...(session === undefined ? {} : { name: session }),
  }));

const one: TicketText = {
  peer: peerIdOf(new Uint8Array(32).fill(7)),
  relays: [`wss://relay.example#${peerIdOf(new Uint8Array(32).fill(9))}`],
  addrs: ['/ip4/192.0.2.7/tcp/4001'],
  session: 'abcdefghijkl',
  secret: new Uint8Array(16).fill(3),
  role: 'operator',
  expires: 2_000_000_000,
  history: 'from-join',
  node: 'laptop',
  name: 'api',
};

function refusal(text: string, now?: number): string {
  try {
    decodeTicket(text, now);
  } catch (error) {
    if (error instanceof SkeinError) return error.code;
    throw error;
  }
  return 'taken';
}

describe('tickets', () => {
  test('[M3] what is written is read again, through the white space that copying brings', () => {
    fc.assert(
      fc.property(
        ticket,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(' ', '\n', '\r\n  ', '\t', '\u200b'))),
        (t, gaps) => {
          let text = encodeTicket(t);
          expect(text).toMatch(/^skein1a[a-z2-7]+$/);
          for (const [at, gap] of gaps)
            text = text.slice(0, at % text.length) + gap + text.slice(at % text.length);
          expect(decodeTicket(` \n${text}\n`)).toEqual(t);
          expect(decodeTicket(text.toUpperCase())).toEqual(t);
        },
      ),
    );
  });

  test('[M3] one wrong character is always found', () => {
    const text = encodeTicket(one);
    const letters = 'abcdefghijklmnopqrstuvwxyz234567';
    for (let at = 6; at < text.length; at++) {
      for (const letter of letters) {
        if (letter === text[at]) continue;
        expect(['ticket_mistyped', 'ticket_newer']).toContain(
          refusal(text.slice(0, at) + letter + text.slice(at + 1)),
        );
      }
    }
    expect(refusal(text.replace('skein1', 'skien1'))).toBe('ticket_malformed');
    for (const sign of '0189!é')
      expect(refusal(`${text.slice(0, 40)}${sign}${text.slice(41)}`)).toBe('ticket_mistyped');
  });

  test('[M3] two letters exchanged, one too many or one left out are found', () => {
    fc.assert(
      fc.property(ticket, fc.nat(), fc.nat(), (t, a, b) => {
        const text = encodeTicket(t);
        const [i, j] = [6 + (a % (text.length - 6)), 6 + (b % (text.length - 6))];
        const letters = [...text];
        [letters[i], letters[j]] = [text[j] as string, text[i] as string];
        if (letters.join('') !== text) expect(refusal(letters.join(''))).toMatch(/^ticket_/);
        expect(refusal(text.slice(0, i) + text.slice(i + 1))).toMatch(/^ticket_(cut|mistyped|newer)$/);
        expect(refusal(`${text.slice(0, i)}q${text.slice(i)}`)).toMatch(/^ticket_(cut|mistyped|newer)$/);
      }),
    );
  });

  test('[M3] a ticket cut off anywhere says that it was cut', () => {
    const text = encodeTicket(one);
    for (let length = 7; length < text.length; length++)
      expect(refusal(text.slice(0, length))).toBe('ticket_cut');
  });

  test('[M3] an expired ticket and one of a later version say so', () => {
    const text = encodeTicket(one);
    expect(refusal(text, one.expires * 1000 - 1)).toBe('taken');
    expect(refusal(text, one.expires * 1000)).toBe('ticket_expired');
    expect(() => decodeTicket(text, one.expires * 1000)).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ rule: 'M3' }) }),
    );
    expect(refusal(text.replace('skein1', 'skein2'))).toBe('ticket_newer');
    expect(refusal(text.replace('skein1', 'skein17'))).toBe('ticket_newer');
  });

  test('[C5] 2,000 pieces of garbage, whole checksums included, are refused by code', () => {
    const wrapped = (body: Uint8Array) => {
      const all = new Uint8Array(3 + body.length + 4);
      const view = new DataView(all.buffer);
      view.setUint16(0, body.length);
      view.setUint8(2, crc8(all.subarray(0, 2)));
      all.set(body, 3);
      view.setUint32(3 + body.length, crc32(all.subarray(0, 3 + body.length)));
      return `skein1${encodeBase32(all)}`;
    };
    const garbage = fc.oneof(
      fc.string({ maxLength: 300, unit: 'binary' }),
      fc.string({ maxLength: 300 }).map((s) => `skein1${s}`),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => `skein1${encodeBase32(bytes)}`),
      fc.uint8Array({ maxLength: 400 }).map(wrapped),
      fc.anything({ maxDepth: 2 }).map((value) => wrapped(pack(JSON.parse(JSON.stringify(value) ?? 'null')))),
      fc
        .record({ k: key, s: fc.string(), x: fc.uint8Array(), o: fc.string() })
        .map((value) => wrapped(pack(value))),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        expect(refusal(text)).toMatch(/^ticket_/);
      }),
      { numRuns: 2000 },
    );
    expect(refusal(`skein1${'a'.repeat(100_000)}`)).toBe('ticket_malformed');
  });

  test('[M3] a ticket that would be too long to copy is not made', () => {
    const addrs = Array.from({ length: 16 }, (_, i) => `/dns4/${'x'.repeat(100)}/tcp/${i}`);
    expect(() => encodeTicket({ ...one, addrs })).toThrow(/at most 2048/);
    expect(encodeTicket({ ...one, addrs: addrs.slice(0, 4) }).length).toBeLessThanOrEqual(MAX_TICKET_TEXT);
  });

  test('[M3] a secret is 128 bits of chance, told by its SHA-256', async () => {
    expect(newSecret()).toHaveLength(16);
    expect(newSecret()).not.toEqual(newSecret());
    expect(await hashSecret(new Uint8Array(16))).toBe(
      '374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb',
    );
  });
});

describe('base32', () => {
  test('[M3] bytes survive, and the bits left over are nought', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(decodeBase32(encodeBase32(bytes))).toEqual({ bytes, rest: 0 });
      }),
    );
    expect(encodeBase32(new TextEncoder().encode('foobar'))).toBe('mzxw6ytboi');
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    expect(crc8(new TextEncoder().encode('123456789'))).toBe(0xf4);
  });
});
