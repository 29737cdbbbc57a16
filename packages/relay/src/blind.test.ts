/** The relay is blind (rule R2): what passes it is in nothing that it writes, and who passed it in nothing that it shows. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { expect, test } from 'vitest';
import { Scene } from './testing/scene.ts';

const PACKAGE = join(import.meta.dirname, '..');

/** Everything a relay wrote, after two peers have met there and one was refused. */
async function told(logAddresses: boolean) {
  let log = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const admission = 'the admission token of this relay';
  const scene = await Scene.open({
    log: pino({ level: 'trace' }, stream),
    logAddresses,
    trustProxy: true,
    admission: { token: admission },
  });
  const headers = { 'x-forwarded-for': '192.0.2.77' };
  const [a, b] = [await scene.join({ headers, admission }), await scene.join({ headers, admission })];
  await expect(scene.join({ headers, admission: 'guessed wrongly, as one does' })).rejects.toThrow(
    'not_admitted',
  );
  const canary = `canary-${randomBytes(12).toString('hex')}`;
  const token = await a.dial(b.id);
  const incoming = await b.inbox.take('incoming');
  const [near, far] = await Promise.all([a.open(token), b.open(incoming.token)]);
  near.write(canary);
  await new Promise((resolve) => far.once('data', resolve));
  const metrics = await (await fetch(`${scene.http}/metrics`)).text();
  const files = readdirSync(scene.relay.dir).map((name) =>
    readFileSync(join(scene.relay.dir, name), 'latin1'),
  );
  const secrets = [
    canary,
    admission,
    'guessed wrongly',
    ...[token, incoming.token].map((one) => Buffer.from(one).toString('base64url')),
  ];
  near.destroy();
  far.destroy();
  await scene.end();
  return { log, metrics, disk: files.join('\n'), secrets, peers: [a.id, b.id] };
}

test('[R2] no content, token or admission stands in its log, its metrics or on its disk', async () => {
  const { log, metrics, disk, secrets } = await told(true);
  expect(log).toMatch(/registration/);
  for (const secret of secrets) for (const text of [log, metrics, disk]) expect(text).not.toContain(secret);
  expect(disk).toMatch(/^-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n$/);
});

test('[R2] its metrics name nobody, and its log no address unless asked to', async () => {
  const quiet = await told(false);
  for (const peer of quiet.peers) {
    expect(quiet.metrics).not.toContain(peer);
    expect(quiet.log).toContain(peer);
  }
  expect(quiet.log).not.toContain('192.0.2.77');
  expect(quiet.log).not.toContain('127.0.0.1');
  expect((await told(true)).log).toContain('192.0.2.77');
});

test('[R2] it is built of nothing that could decrypt: neither libp2p nor Noise', () => {
  const { dependencies } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  expect(Object.keys(dependencies).sort()).toEqual([
    '@skein/protocol',
    'commander',
    'pino',
    'prom-client',
    'ws',
  ]);
  const bundle = readFileSync(join(PACKAGE, 'dist/skein-relay.cjs'), 'utf8');
  expect(bundle).not.toMatch(/libp2p|noise_|Noise_XX|chacha20/i);
});
