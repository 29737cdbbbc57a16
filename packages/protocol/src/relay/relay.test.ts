/** What crosses the relay's wire: PeerIds, addresses, frames, and the bytes that are signed (rules R1, C5). */
import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SkeinError } from '../errors.ts';
import { pack, unpack } from '../light-codec.ts';
import { formatRelayAddress, MAX_RELAY_ADDRESS, parseRelayAddress, relayUrl } from './address.ts';
import { decodeBase58, encodeBase58 } from './base58.ts';
import { fromRelay, toRelay } from './frames.ts';
import { isPeerId, keyOf, peerIdOf } from './peer-id.ts';
import { type Registration, transcript } from './transcript.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SkeinError);
    return (error as SkeinError).code;
  }
  return 'fine';
};

describe('PeerIds', () => {
  test('are what libp2p writes for the same key', () => {
    // From libp2p's specification of PeerIds.
    const known = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA';
    expect(peerIdOf(keyOf(known))).toBe(known);
    expect(Buffer.from(keyOf(known)).toString('hex')).toMatch(/^2ffa35a99d3a3cfbb17bb7c1dc5561b18a8dc/);
  });

  test('come back as they were, always of one form', () => {
    fc.assert(
      fc.property(key, (bytes) => {
        const peer = peerIdOf(bytes);
        expect(peer).toMatch(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/);
        expect([...keyOf(peer)]).toEqual([...bytes]);
      }),
    );
  });

  test('of any other form are refused with bad_peer_id', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ minLength: 52, maxLength: 52 })), (text) => {
        expect(isPeerId(text)).toBe(false);
        expect(code(() => keyOf(text))).toBe('bad_peer_id');
      }),
    );
    const peer = peerIdOf(new Uint8Array(32).fill(7));
    for (const bad of [` ${peer}`, peer.slice(1), `${peer}1`, `1${peer}`, peer.replace('12D3', '22D3')])
      expect(code(() => keyOf(bad))).toBe('bad_peer_id');
    expect(code(() => peerIdOf(new Uint8Array(31)))).toBe('bad_peer_id');
  });

  test('base58 keeps every byte, leading zeros too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect([...(decodeBase58(encodeBase58(bytes)) ?? [])]).toEqual([...bytes]);
      }),
    );
    expect(decodeBase58('0OIl')).toBeUndefined();
  });
});

describe('addresses', () => {
  const peer = peerIdOf(new Uint8Array(32).fill(7));

  test('are read, and written one way', () => {
    const pinned = parseRelayAddress(`wss://Relay.Example.org/a/#${peer}`);
    expect(pinned).toEqual({
      url: 'wss://relay.example.org/a',
      secure: true,
      host: 'relay.example.org',
      port: 443,
      path: '/a',
      relay: peer,
    });
    expect(parseRelayAddress(formatRelayAddress(pinned))).toEqual(pinned);
    expect(relayUrl(pinned, 'data-ws')).toBe('wss://relay.example.org/a/data-ws');
    expect(parseRelayAddress('ws://[::1]:7000')).toMatchObject({ host: '::1', port: 7000, path: '' });
    expect(formatRelayAddress({ url: 'ws://127.0.0.1:7000', relay: peer })).toBe(
      `ws://127.0.0.1:7000/#${peer}`,
    );
  });

  test('[M3] that are read fit into a ticket and into what peers tell, once they are pinned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 150, max: 260 }), (length) => {
        const text = 'ws://h:1/'.padEnd(length, 'x');
        if (code(() => parseRelayAddress(text)) !== 'fine') {
          expect(length).toBeGreaterThan(200);
          return;
        }
        const pinned = formatRelayAddress({ url: parseRelayAddress(text).url, relay: peer });
        expect(pinned.length).toBeLessThanOrEqual(MAX_RELAY_ADDRESS);
        expect(parseRelayAddress(pinned).relay).toBe(peer);
      }),
    );
  });

  test('that are none are refused with bad_relay_address', () => {
    for (const bad of [
      '',
      'relay',
      'http://x',
      'ws://',
      'ws://u:p@x',
      'ws://x?y',
      `ws://x#${peer}x`,
      'ws://x:99999',
    ])
      expect(code(() => parseRelayAddress(bad))).toBe('bad_relay_address');
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['fine', 'bad_relay_address']).toContain(code(() => parseRelayAddress(text)));
      }),
    );
  });
});

describe('frames', () => {
  test('[C5] random bytes and any other value are refused with bad_frame', () => {
    const refused = (read: () => unknown) => expect(['fine', 'bad_frame']).toContain(code(read));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        refused(() => toRelay(unpack(bytes), ''));
        refused(() => fromRelay(unpack(bytes), ''));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), (value) => {
        refused(() => toRelay(value, ''));
        refused(() => fromRelay(value, ''));
      }),
      { numRuns: 1000 },
    );
  });

  test('[C5] a nonce, token or signature of another length is refused', () => {
    const token = new Uint8Array(16);
    expect(toRelay(unpack(pack({ t: 'decline', token })), '')).toMatchObject({ t: 'decline' });
    for (const size of [0, 15, 17])
      expect(code(() => toRelay({ t: 'decline', token: new Uint8Array(size) }, ''))).toBe('bad_frame');
    expect(code(() => toRelay({ t: 'dial', n: 1, to: 'laptop' }, ''))).toBe('bad_frame');
  });
});

describe('transcripts', () => {
  const registration = fc.record({
    relay: key.map(peerIdOf),
    peer: key.map(peerIdOf),
    relayNonce: key,
    nodeNonce: key,
    time: fc.nat(),
    listen: fc.boolean(),
  });
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

  test('[R1] differ when anything that they bind differs', () => {
    const change: { [K in keyof Registration]: (of: Registration) => Registration } = {
      relay: (of) => ({ ...of, relay: of.peer }),
      peer: (of) => ({ ...of, peer: of.relay }),
      relayNonce: (of) => ({
        ...of,
        relayNonce: of.relayNonce.map((byte, i) => (i === 31 ? byte ^ 1 : byte)),
      }),
      nodeNonce: (of) => ({ ...of, nodeNonce: of.nodeNonce.map((byte, i) => (i === 0 ? byte ^ 128 : byte)) }),
      time: (of) => ({ ...of, time: of.time + 1 }),
      listen: (of) => ({ ...of, listen: !of.listen }),
    };
    fc.assert(
      fc.property(registration, (of) => {
        fc.pre(of.relay !== of.peer);
        const whole = hex(transcript('register', of));
        expect(hex(transcript('registered', of))).not.toBe(whole);
        for (const changed of Object.values(change))
          expect(hex(transcript('register', changed(of)))).not.toBe(whole);
      }),
    );
  });

  test('[R1] are made from the PeerId of a key that can sign', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    expect([...keyOf(peerIdOf(raw))]).toEqual([...raw]);
  });
});
