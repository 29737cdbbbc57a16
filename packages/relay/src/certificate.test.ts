/** A certificate of a relay that runs for long (rule R3), made by openssl. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Certificate } from './certificate.ts';
import { watchCertificate } from './certificate-watch.ts';
import { Scene } from './testing/scene.ts';
import { Wheel } from './wheel.ts';

const openssl = spawnSync('openssl', ['version']).status === 0;
const HOUR_MS = 3_600_000;
const DAY_S = 86_400;
const DAY_MS = 1000 * DAY_S;

describe.skipIf(!openssl)(`a certificate${openssl ? '' : ' [skipped: openssl is not installed]'}`, () => {
  let dir: string;
  let files: { cert: string; key: string };
  const said: string[] = [];
  const log = pino({ level: 'info' }, { write: (line) => said.push(JSON.parse(line).msg) });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
    files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
    said.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(dir, { recursive: true });
  });

  /** As it were so long after all certificates were made. */
  function later(ms: number): void {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  }

  function certify(days: number): void {
    const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=relay';
    const more = ['-days', `${days}`, '-keyout', files.key, '-out', files.cert];
    expect(spawnSync('openssl', [...words.split(' '), ...more]).status).toBe(0);
  }

  test('[R3] that ends within a week is warned of, once a day, and a renewed one is taken within an hour', () => {
    certify(20);
    later(17 * DAY_MS);
    const wheel = new Wheel();
    const certificate = new Certificate(files);
    const before = certificate.context;
    watchCertificate(certificate, wheel, log);
    expect(said).toEqual([expect.stringMatching(/ends in 2 days, at .*Z\. Renew it\.$/)]);
    wheel.advance(HOUR_MS);
    expect(said).toHaveLength(1);
    // One that is just being written, or does not go with its key, is left for the next time.
    writeFileSync(files.key, 'half of a key');
    wheel.advance(2 * HOUR_MS);
    expect(certificate.context === before).toBe(true);
    certify(107);
    wheel.advance(3 * HOUR_MS);
    expect(certificate.context === before).toBe(false);
    expect(certificate.until.getTime() - Date.now()).toBeGreaterThan(80 * DAY_S * 1000);
    expect(said.slice(1)).toEqual([expect.stringMatching(/^The certificate in .* was renewed/)]);
    // One that would end sooner is taken by whoever says so alone.
    const renewed = certificate.context;
    certify(30);
    wheel.advance(4 * HOUR_MS);
    expect(certificate.context === renewed).toBe(true);
  });

  test('[R3] that was made for days is warned of when most of them have gone', () => {
    certify(6);
    const certificate = new Certificate(files);
    expect(certificate.warning).toBeUndefined();
    later(3.9 * DAY_MS);
    expect(certificate.warning).toBeUndefined();
    later(4.1 * DAY_MS);
    expect(certificate.warning).toContain('ends in 1 day, at');
  });

  test('[R3] that is not valid yet takes the place of one that is when its time has come', () => {
    certify(30);
    const certificate = new Certificate(files);
    const before = certificate.context;
    certify(90);
    later(-HOUR_MS);
    expect(certificate.renew()).toBe(false);
    expect(certificate.context === before).toBe(true);
    later(HOUR_MS);
    expect(certificate.renew()).toBe(true);
  });

  test('[R3] tells Prometheus when it ends; a relay without one tells nothing of it', async () => {
    certify(30);
    const name = 'skein_relay_certificate_end_time_seconds';
    const scene = await Scene.open({ tls: files });
    const asked = https.get(`${scene.http}/metrics`, { rejectUnauthorized: false, agent: false });
    const [response] = await once(asked, 'response');
    const told = await text(response);
    await scene.end();
    const ends = Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(told)?.[1]);
    expect(Math.abs(ends - Date.now() / 1000 - 30 * DAY_S)).toBeLessThan(DAY_S);
    const plain = await Scene.open();
    expect(await plain.metric(name)).toBeUndefined();
    await plain.end();
  });
});
