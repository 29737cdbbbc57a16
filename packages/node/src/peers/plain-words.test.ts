/** What keeps nodes from being met, told to people. */
import { SkeinError } from '@skein/protocol/errors';
import { expect, test } from 'vitest';
import { byName, plainly } from './plain-words.ts';

const refused = 'connection error 10.0.0.2:7001: connect ECONNREFUSED 10.0.0.2:7001';

test('[K5] a node that cannot be reached is told by its name, with one reason a way', () => {
  const ways = [
    { way: '/ip4/10.0.0.2/tcp/7001', kind: 'direct', why: refused },
    { way: '/ip4/10.0.0.3/tcp/7001', kind: 'direct', why: refused },
    { way: 'ws://relay:7000', kind: 'relayed', why: 'That node is not registered at this relay.' },
  ];
  const error = byName('laptop', new SkeinError('peer_unreachable', '12D3Koo… cannot be reached', { ways }));
  expect(error.message).toBe(
    'laptop cannot be reached now: not directly (nobody listens there), not by ws://relay:7000 (it is not there).',
  );
  expect(error.data?.ways).toEqual(ways);
});

test('[K5] a node that does not let this one in is said to have declined, however soon it did', () => {
  for (const why of ['That node declined.', 'This token is not known: used, too late, or another relay’s.']) {
    const ways = [{ way: 'ws://relay:7000', kind: 'relayed', why }];
    expect(byName('laptop', new SkeinError('peer_unreachable', 'x', { ways })).message).toBe(
      'laptop cannot be reached now: not by ws://relay:7000 (it declined).',
    );
  }
});

test('[K5] other refusals stay what they are', () => {
  const error = new SkeinError('not_allowed', 'No.');
  expect(byName('laptop', error)).toBe(error);
  expect(byName('laptop', new SkeinError('peer_unreachable', 'x')).message).toContain('no address');
});

test('what the system calls a cause is told as one; anything else stays', () => {
  expect(plainly(refused)).toBe('nobody listens there');
  expect(plainly('getaddrinfo ENOTFOUND nohost.invalid.')).toBe('no such host is known');
  const relay = 'The relay wss://relay.example.org';
  const names =
    "Hostname/IP does not match certificate's altnames: Host: a.example. is not in the cert's altnames: DNS:b";
  expect(plainly(`${relay} ${names}.`)).toBe('its certificate is for another name');
  for (const why of ['certificate has expired', 'certificate is not yet valid'])
    expect(plainly(`${relay} ${why}.`)).toBe('its certificate or the clock here is out of date');
  for (const why of [
    'self-signed certificate',
    'self-signed certificate in certificate chain',
    'unable to verify the first certificate',
    'unable to get local issuer certificate',
  ])
    expect(plainly(`${relay} ${why}.`)).toBe('its certificate is by nobody whom this machine trusts');
  expect(plainly('has not been heard of for 9 seconds.')).toBe('has not been heard of for 9 seconds');
});
