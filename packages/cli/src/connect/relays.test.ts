/** Relays and places as people write and read them. */
import { expect, test } from 'vitest';
import { Call, parseDuration } from '../invocation/call.ts';
import { placeText, relaysOf } from './relays.ts';

const call = (...relay: string[]) => new Call({ command: 'share', args: {}, options: { relay } });

test('[K5] a relay that cannot be one is told by its name, before anything is done', () => {
  expect(relaysOf(call('wss://relay.example.org/', 'ws://127.0.0.1:7000'), 'relay')).toEqual([
    'wss://relay.example.org',
    'ws://127.0.0.1:7000',
  ]);
  for (const wrong of ['foo', 'http://127.0.0.1:7000', 'ws://', 'ws://a:b@c'])
    expect(() => relaysOf(call(wrong), 'relay'), wrong).toThrowError(
      expect.objectContaining({ code: 'bad_relay_address', message: expect.stringContaining(wrong) }),
    );
});

test('[K5] the bounds of a ticket are told in the words of its options', () => {
  const wrong = (given: string) => () => parseDuration('expires', given, 30 * 86_400_000);
  expect(wrong('0s')).toThrowError(/--expires is a time like 30s/);
  expect(wrong('31d')).toThrowError(/--expires is at most 30d/);
  expect(wrong('30d')()).toBe(30 * 86_400_000);
  const uses = new Call({ command: 'share', args: {}, options: { uses: '0' } });
  expect(() => uses.integer('uses', 1000, 1)).toThrowError(/--uses takes a whole number from 1 to 1000/);
});

test('multiaddrs are told as host and port', () => {
  expect(placeText('/ip4/127.0.0.1/tcp/7001')).toBe('127.0.0.1:7001');
  expect(placeText('/ip6/::1/tcp/7001')).toBe('[::1]:7001');
  expect(placeText('/dns4/host.example/tcp/443')).toBe('host.example:443');
  expect(placeText('/unix/x')).toBe('/unix/x');
});
