/** Strangers at the door: how many, for how long, and what plain HTTP is answered (rules R3, C5). */
import { AUTH_MS } from '@skein/protocol/relay/limits';
import { afterEach, describe, expect, test } from 'vitest';
import { upgrade } from './testing/client.ts';
import { Scene } from './testing/scene.ts';
import { bare, eventually } from './testing/sockets.ts';

let scene: Scene;
afterEach(() => scene.end());

const WS = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
const KEY = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };

describe('newcomers', () => {
  test('[R3] who say nothing, or only half of it, are cut after five seconds', async () => {
    scene = await Scene.open();
    const began = performance.now();
    const visitor = scene.visit();
    const silent = [
      bare(scene.relay.port),
      bare(scene.relay.port, 'GET /control HTTP/1.1\r\nHost: '),
      bare(
        scene.relay.port,
        'GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n',
      ),
    ];
    await Promise.all([...silent.map(({ answer }) => answer), visitor.closed]);
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(AUTH_MS - 100);
    expect(took).toBeLessThan(AUTH_MS + 3_000);
    await eventually(async () => (await scene.metric('skein_relay_newcomers')) === 1);
    expect(await scene.metric('skein_relay_turned_away_total{reason="timeout"}')).toBe(4);
  });

  test('[R3] are few in all, and those who are in do not count', async () => {
    scene = await Scene.open({ quotas: { newcomers: 3 } });
    for (let n = 0; n < 5; n++) await scene.join();
    const held = [bare(scene.relay.port), bare(scene.relay.port)];
    await eventually(async () => (await scene.metric('skein_relay_newcomers')) === 3);
    held.push(bare(scene.relay.port));
    const late = bare(scene.relay.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await late.answer).toBe('');
    for (const { socket } of held) socket.destroy();
    await eventually(async () => (await scene.metric('skein_relay_newcomers').catch(() => 0)) === 1);
    expect(await scene.metric('skein_relay_turned_away_total{reason="newcomers"}')).toBeGreaterThan(0);
  });

  test('[R3] of one address are few, where the proxy that tells it is trusted', async () => {
    scene = await Scene.open({ trustProxy: true, quotas: { newcomersPerAddress: 2 } });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': `10.9.9.9, ${address}` } });
    const first = [scene.visit(from('192.0.2.1')), scene.visit(from('192.0.2.1'))];
    // Put back, for the one that registers after all.
    for (const client of first) client.inbox.put(await client.inbox.take('challenge'));
    const refused = upgrade(`${scene.http}/control`, { ...WS, ...KEY, ...from('192.0.2.1').headers });
    await expect(refused).rejects.toThrow('429 quota_exceeded');
    await scene.join(from('192.0.2.2'));
    await first[0]?.register();
    await scene.join(from('192.0.2.1'));
  });

  test('[R3] cannot say that they come from elsewhere where no proxy is trusted', async () => {
    scene = await Scene.open({ quotas: { newcomersPerAddress: 1 } });
    const headers = { 'x-forwarded-for': '192.0.2.1' };
    const visits = [scene.visit({ headers }), scene.visit({ headers })];
    await Promise.all(visits.map((client) => client.inbox.take('challenge')));
  });

  test('[C5] who send a frame too large, or any but register, are refused', async () => {
    scene = await Scene.open();
    const large = scene.visit();
    await large.inbox.take('challenge');
    large.socket.send(Buffer.alloc(5_000));
    expect(await large.closed).toBe(1009);
    for (const bad of [Buffer.from('c1', 'hex'), Buffer.from('81a174a470696e67', 'hex')]) {
      const client = scene.visit();
      await client.inbox.take('challenge');
      client.socket.send(bad);
      expect((await client.inbox.take('refused')).error.code).toBe('bad_frame');
      expect(await client.closed).toBe(1008);
    }
    const pinging = scene.visit();
    await pinging.inbox.take('challenge');
    pinging.socket.ping();
    expect((await pinging.inbox.take('refused')).error.code).toBe('bad_frame');
  });
});

describe('plain HTTP', () => {
  test('[R3] health and metrics are answered, anything else is refused with a typed error', async () => {
    scene = await Scene.open();
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(`${scene.http}${path}`, init);
      return { status: response.status, text: await response.text() };
    };
    expect(await get('/healthz')).toEqual({ status: 200, text: '{"ok":true}\n' });
    expect(await get('/below/healthz')).toEqual({ status: 200, text: '{"ok":true}\n' });
    expect((await get('/metrics')).text).toMatch(/^skein_relay_nodes 0$/m);
    expect((await get('/metrics')).text).toMatch(/^process_resident_memory_bytes \d+$/m);
    for (const [path, status, code] of [
      ['/', 404, 'not_found'],
      ['/control', 426, 'bad_request'],
      ['/below/data', 426, 'bad_request'],
      // A proxy that keeps them to itself names the one path.
      ['/below/metrics', 404, 'not_found'],
    ] as const) {
      const answer = await get(path);
      expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([status, code]);
    }
    expect((await get('/healthz', { method: 'POST', body: 'x' })).status).toBe(405);
  });

  test('[R3] is answered whatever it could be upgraded to', async () => {
    scene = await Scene.open();
    const ask = async (path: string, method: string) => {
      const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n`;
      const { answer } = bare(scene.relay.port, `${head}Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`);
      return await answer;
    };
    expect(await ask('/healthz', 'GET')).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\n\{"ok":true\}\n/);
    expect(await ask('/healthz', 'HEAD')).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\n$/);
    expect(await ask('/metrics', 'GET')).toMatch(/\nskein_relay_nodes 0\n/);
    expect(await ask('/elsewhere', 'GET')).toMatch(/^HTTP\/1.1 404 [\s\S]*"not_found"/);
    expect(await ask('/healthz', 'POST')).toMatch(/^HTTP\/1.1 405 /);
    expect(await ask('/control', 'GET')).toMatch(/^HTTP\/1.1 426 /);
    await eventually(async () => (await scene.metric('skein_relay_connections')) === 1);
  });

  test('[R3] a connection asks one thing', async () => {
    scene = await Scene.open();
    const many = bare(scene.relay.port, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200));
    expect((await many.answer).split('HTTP/1.1 200').length).toBeLessThanOrEqual(2);
  });

  test('[R3] upgrades to something else, or without a handshake, are refused', async () => {
    scene = await Scene.open();
    const ask = (path: string, headers: Record<string, string>) => upgrade(`${scene.http}${path}`, headers);
    await expect(ask('/control', WS)).rejects.toThrow('426 bad_request');
    await expect(ask('/control', { ...WS, ...KEY, upgrade: 'skein-splice' })).rejects.toThrow(
      '426 bad_request',
    );
    await expect(ask('/data', { ...WS, ...KEY })).rejects.toThrow('426 bad_request');
    await expect(ask('/elsewhere', { ...WS, ...KEY })).rejects.toThrow('404 not_found');
    await expect(ask('/data-ws', { ...WS, ...KEY })).rejects.toThrow('401 token_invalid');
  });

  test('[R3] the doors stand below any path that a proxy gives them', async () => {
    scene = await Scene.open();
    const socket = await upgrade(`${scene.http}/some/where/control`, { ...WS, ...KEY });
    socket.destroy();
  });
});
