/** A relay's beginning and end: its key, its certificate, its going, and what is left of it (rules R1–R4). */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { openIdentity } from './identity.ts';
import { TestClient } from './testing/client.ts';
import { newIdentity } from './testing/keys.ts';
import { Scene } from './testing/scene.ts';
import { eventually, next } from './testing/sockets.ts';

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.end();
  scene = undefined;
});

describe('the key of a relay', () => {
  test('[R1] is made once, for its owner alone, and refused when others can read it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
    const file = join(dir, 'state', 'key');
    const { id } = openIdentity(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'state')).mode & 0o777).toBe(0o700);
    expect(openIdentity(file).id).toBe(id);
    chmodSync(file, 0o640);
    expect(() => openIdentity(file)).toThrow(/open to others/);
    chmodSync(file, 0o600);
    writeFileSync(file, 'no key');
    expect(() => openIdentity(file)).toThrow(/cannot be used/);
    rmSync(dir, { recursive: true });
  });
});

describe('a relay that stops', () => {
  test('[R3] tells everybody, takes nobody in, lets splices end, and then goes', async () => {
    scene = await Scene.open();
    const [a, b] = [await scene.join(), await scene.join()];
    const [near, far] = await scene.splice(a, b);
    const waiting = a.open(await a.dial(b.id)).catch((error: Error) => error.message);
    await eventually(async () => (await scene?.metric('skein_relay_connections')) === 6);
    let over = false;
    const stopped = scene.relay.stop(20_000).then(() => {
      over = true;
    });
    expect((await a.inbox.take('goaway')).after).toBeGreaterThan(0);
    await b.inbox.take('goaway');
    expect(await waiting).toMatch(/503 relay_leaving/);
    await expect(a.dial(b.id)).rejects.toThrow('relay_leaving');
    await expect(TestClient.register(scene.relay.address)).rejects.toThrow(/closed before/);
    near.write('still here');
    expect(await next(far)).toBe('still here');
    expect(over).toBe(false);
    near.end();
    far.end();
    await stopped;
    await Promise.all([a.closed, b.closed]);
  });

  test('[R3] does not wait longer for splices than it was told', async () => {
    scene = await Scene.open();
    const [near] = await scene.splice(await scene.join(), await scene.join());
    const ended = new Promise((resolve) => near.resume().once('end', resolve));
    await scene.relay.stop(300);
    await ended;
  });

  test('[R3] and starts again on its port is the same relay, and everybody comes back', async () => {
    scene = await Scene.open();
    const identities = Array.from({ length: 20 }, newIdentity);
    for (const identity of identities) await scene.join({ identity });
    const { id, port, dir } = scene.relay;
    await scene.relay.stop(0);
    const again = await Scene.open({ port, keyFile: join(dir, 'key') });
    expect(again.relay.id).toBe(id);
    await Promise.all(identities.map((identity) => again.join({ identity })));
    expect(await again.metric('skein_relay_nodes')).toBe(20);
    await again.end();
  });

  test('[R4] leaves no timer, and has one however many are connected', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    scene = await Scene.open();
    const clients = await Promise.all(Array.from({ length: 60 }, () => scene?.join()));
    expect(clients.length).toBe(60);
    expect(timers() - before).toBeLessThanOrEqual(1);
    await scene.end();
    scene = undefined;
    await eventually(() => timers() <= before);
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!openssl)(
  `its own certificate${openssl ? '' : ' [skipped: openssl is not installed]'}`,
  () => {
    /** A certificate for 127.0.0.1 in a directory; returns its text. */
    function certify(dir: string): string {
      const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
      const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=relay';
      const made = spawnSync('openssl', [
        ...words.split(' '),
        ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
      ]);
      expect(made.status).toBe(0);
      return readFileSync(cert, 'utf8');
    }

    test('[R3] serves TLS, and a new one after it was told to look again', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
      const ca = certify(dir);
      scene = await Scene.open({ tls: { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') } });
      expect(scene.relay.url).toMatch(/^wss:/);
      const [a, b] = [await scene.join({ ca }), await scene.join({ ca })];
      const [near, far] = await scene.splice(a, b);
      const all = Buffer.alloc(1_000_000, 'tls');
      near.write(all);
      let size = 0;
      await new Promise<void>((resolve) => {
        far.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size === all.length) resolve();
        });
      });
      const renewed = certify(dir);
      expect(scene.relay.reload()).toEqual([]);
      await expect(scene.join({ ca })).rejects.toThrow();
      const c = await scene.join({ ca: renewed });
      writeFileSync(join(dir, 'key.pem'), 'broken');
      expect(scene.relay.reload().map((error) => error.code)).toEqual(['bad_request']);
      await c.dial((await scene.join({ ca: renewed })).id);
      rmSync(dir, { recursive: true });
    });

    test('[R3] one that has ended does not take the place of one that has not, and is told at the start', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
      const tls = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
      const ca = certify(dir);
      scene = await Scene.open({ tls });
      // It ends in the second in which it is made.
      const aged = ['x509', '-in', tls.cert, '-signkey', tls.key, '-days', '0', '-out', tls.cert];
      expect(spawnSync('openssl', aged).status).toBe(0);
      expect(scene.relay.reload().map((error) => error.message)).toEqual([
        expect.stringContaining('nodes do not accept it. The one before is still used.'),
      ]);
      await scene.join({ ca });
      const said: string[] = [];
      const log = pino({ level: 'warn' }, { write: (line) => said.push(JSON.parse(line).msg) });
      const late = await Scene.open({ tls, log });
      expect(said).toEqual([expect.stringContaining('nodes do not accept it. Renew it, then send SIGHUP.')]);
      const renewed = certify(dir);
      expect(late.relay.reload()).toEqual([]);
      await late.join({ ca: renewed });
      await late.end();
      rmSync(dir, { recursive: true });
    });

    test('[R3] cuts who speaks no TLS, or does not finish', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
      certify(dir);
      scene = await Scene.open({ tls: { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') } });
      await expect(TestClient.register(scene.relay.address.replace('wss:', 'ws:'))).rejects.toThrow(
        /closed before/,
      );
      rmSync(dir, { recursive: true });
    });
  },
);
