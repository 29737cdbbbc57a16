/** Whom limits count as one, and what a proxy is believed (rule R3). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forwardedFor, limitKey, originOf } from './client-address.ts';

describe('addresses', () => {
  test('[R3] an IPv4 address counts by itself, in either writing; loopback does not count', () => {
    expect(limitKey('192.0.2.7')).toBe('192.0.2.7');
    expect(limitKey('::ffff:192.0.2.7')).toBe('192.0.2.7');
    for (const own of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', undefined, 'nonsense'])
      expect(limitKey(own)).toBeUndefined();
  });

  test('[R3] IPv6 addresses of one network count as one, however they are written', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
    const groups = fc.array(group, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(groups, groups, groups, (network, one, other) => {
        fc.pre(network.some((part) => part !== '0'));
        const key = limitKey([...network, ...one].join(':'));
        expect(key).toBe(limitKey([...network, ...other].join(':')));
        expect(key).toBe(
          limitKey([...network, ...one].map((part) => part.padStart(4, '0').toUpperCase()).join(':')),
        );
      }),
    );
    expect(limitKey('2001:db8::1')).toBe(limitKey('2001:db8:0:0:ffff::2'));
    expect(limitKey('2001:db8:0:1::1')).not.toBe(limitKey('2001:db8::1'));
    expect(limitKey('fe80::1%eth0')).toBe(limitKey('fe80::2'));
  });

  test('[R3] whom one customer may be is told by the first 48 bits of IPv6', () => {
    const of = (address: string) => originOf(limitKey(address) ?? '');
    expect(of('192.0.2.7')).toBe('192.0.2.7');
    expect(of('2001:db8:1:2::1')).toBe('2001:db8:1::/48');
    expect(of('2001:db8::1')).toBe('2001:db8:0::/48');
  });

  test('[R3] of X-Forwarded-For the last is what the proxy saw; the rest is what the client says', () => {
    expect(forwardedFor('10.0.0.1, 198.51.100.9')).toBe('198.51.100.9');
    expect(forwardedFor(['10.0.0.1', '2001:db8::9'])).toBe('2001:db8::9');
    // As some proxies write it, with the port.
    for (const written of ['198.51.100.9:443', '10.0.0.1, 198.51.100.9:50123'])
      expect(forwardedFor(written)).toBe('198.51.100.9');
    for (const written of ['2001:db8::9', '[2001:db8::9]', '[2001:db8::9]:443'])
      expect(forwardedFor(written)).toBe('2001:db8::9');
    for (const bad of ['198.51.100.9:', '198.51.100.9:x', '[198.51.100.9', '[]:1', ':1'])
      expect(forwardedFor(bad)).toBeUndefined();
    for (const bad of [undefined, '', 'unknown', '10.0.0.1, me']) expect(forwardedFor(bad)).toBeUndefined();
  });
});
