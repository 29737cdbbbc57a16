/** Dials and their tokens, with a real relay: one use, one end, in time, within the quotas (rules R1, R3). */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { SPLICE_PROTOCOL } from '@skein/protocol/relay/frames';
import { TOKEN_MS } from '@skein/protocol/relay/limits';
import { afterEach, describe, expect, test } from 'vitest';
import type { Arrival } from './arrivals.ts';
import { Meetings } from './meetings.ts';
import { DEFAULT_QUOTAS } from './quotas.ts';
import { Stats } from './stats.ts';
import { type TestClient, upgrade } from './testing/client.ts';
import { newIdentity } from './testing/keys.ts';
import { Scene } from './testing/scene.ts';
import { eventually, next } from './testing/sockets.ts';
import { Usage } from './usage.ts';
import { Wheel } from './wheel.ts';

let scene: Scene;
afterEach(() => scene?.end());

describe('a dial', () => {
  test('[R1] brings together exactly the two, who hold different tokens', async () => {
    scene = await Scene.open();
    const [a, b] = [await scene.join(), await scene.join()];
    const token = await a.dial(b.id);
    const incoming = await b.inbox.take('incoming');
    expect(incoming.from).toBe(a.id);
    expect(Buffer.compare(token, incoming.token)).not.toBe(0);
    const [near, far] = await Promise.all([a.open(token), b.open(incoming.token)]);
    near.write('hello');
    expect(await next(far)).toBe('hello');
    near.destroy();
    far.destroy();
  });

  test('[R1] gives tokens that are used up by their first use, and unknown ones are none', async () => {
    scene = await Scene.open();
    const [a, b] = [await scene.join(), await scene.join()];
    const [near, far] = await scene.splice(a, b);
    expect(near.destroyed || far.destroyed).toBe(false);
    const token = await a.dial(b.id);
    const waiting = a.open(token).catch((error: Error) => error.message);
    await expect(a.open(token)).rejects.toThrow('401 token_invalid');
    await expect(a.open(randomBytes(16))).rejects.toThrow('401 token_invalid');
    await expect(a.openWs(randomBytes(16))).rejects.toThrow('401');
    b.send({ t: 'decline', token: (await b.inbox.take('incoming')).token });
    expect(await waiting).toMatch(/403 declined/);
  });

  test('[R1] is answered at once when the node is not there, declines, or leaves', async () => {
    scene = await Scene.open();
    const [a, b] = [await scene.join(), await scene.join()];
    await expect(a.dial(newIdentity().id)).rejects.toThrow('peer_not_registered');
    const declined = a.open(await a.dial(b.id));
    const { token } = await b.inbox.take('incoming');
    const stranger = await scene.join();
    stranger.send({ t: 'decline', token });
    b.send({ t: 'decline', token });
    await expect(declined).rejects.toThrow('403 declined');
    await expect(b.open(token)).rejects.toThrow('401 token_invalid');
    const left = a.open(await a.dial(b.id));
    // Three control connections and the one that waits, which is no newcomer any more; this question is.
    await eventually(
      async () =>
        (await scene.metric('skein_relay_connections')) === 5 &&
        (await scene.metric('skein_relay_newcomers')) === 1,
    );
    b.close();
    await expect(left).rejects.toThrow('504 peer_not_registered');
  });

  test('[R1] is over when the dialer comes anew before it has used its token: the one that was called is free', async () => {
    scene = await Scene.open();
    const [a, b] = [await scene.join(), await scene.join()];
    const token = await a.dial(b.id);
    const waiting = b.open((await b.inbox.take('incoming')).token).catch((error: Error) => error.message);
    const again = await scene.join({ identity: a.identity });
    expect(await waiting).toMatch(/504 gone/);
    await expect(again.open(token)).rejects.toThrow('401 token_invalid');
    // One that was used goes on without the connection by which it was asked for.
    const [near, far] = await scene.splice(again, b);
    await scene.join({ identity: a.identity });
    near.write('hello');
    expect(await next(far)).toBe('hello');
    near.destroy();
    far.destroy();
  });

  test('[R1] ends for the one that waits when the other has come and gone', async () => {
    scene = await Scene.open();
    const [a, b] = [await scene.join(), await scene.join()];
    const token = await a.dial(b.id);
    const incoming = await b.inbox.take('incoming');
    const headers = { connection: 'Upgrade', upgrade: SPLICE_PROTOCOL };
    const authorization = `Skein ${Buffer.from(token).toString('base64url')}`;
    const gone = upgrade(`${scene.http}/data`, { ...headers, authorization }).catch(() => {});
    const waiting = b.open(incoming.token);
    const near = await gone;
    const far = await waiting;
    near?.destroy();
    far.resume();
    await new Promise((resolve) => far.once('end', resolve));
    far.destroy();
  });

  test('[R3] beyond what one peer, one node, or the relay may have is refused', async () => {
    scene = await Scene.open({
      quotas: { pendingPerPeer: 2, pendingForPeer: 3, pending: 4, splicesPerPeer: 2 },
    });
    const [a, b, c, d] = [await scene.join(), await scene.join(), await scene.join(), await scene.join()];
    await a.dial(b.id);
    await a.dial(b.id);
    await expect(a.dial(b.id)).rejects.toThrow('quota_exceeded');
    await c.dial(b.id);
    await expect(c.dial(b.id)).rejects.toThrow('relay_full');
    await c.dial(d.id);
    // Two dials have each of the others: the first comes in the place of one, the second not.
    await d.dial(a.id);
    await expect(d.dial(a.id)).rejects.toThrow('relay_full');
    for (let n = 0; n < 3; n++) b.send({ t: 'decline', token: (await b.inbox.take('incoming')).token });
    await d.inbox.take('incoming');
    await scene.splice(a, d);
    await scene.splice(a, d);
    await expect(a.dial(d.id)).rejects.toThrow('quota_exceeded');
  });

  test('[R3] through all splices that there may be shuts out nobody of another address', async () => {
    scene = await Scene.open({ trustProxy: true, quotas: { splices: 6, splicesPerPeer: 2 } });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const many = await Promise.all([1, 2, 3].map(() => scene.join(from('192.0.2.1'))));
    const target = await scene.join(from('192.0.2.2'));
    const taken: Socket[] = [];
    for (const one of [...many, ...many]) taken.push((await scene.splice(one, target))[0]);
    let ended = 0;
    for (const socket of taken) socket.resume().once('end', () => ended++);
    await expect(many[0]?.dial(target.id)).rejects.toThrow('quota_exceeded');
    const more = await scene.join(from('192.0.2.1'));
    await expect(more.dial(target.id)).rejects.toThrow('relay_full');
    // Dials that come to nothing count as well: else somebody could end with them what others use.
    const others = await Promise.all([1, 2].map(() => scene.join(from('192.0.2.3'))));
    const [one, two] = others as [TestClient, TestClient];
    for (const dialer of [one, one, two]) {
      await dialer.dial(target.id);
      await target.inbox.take('incoming');
    }
    await expect(two.dial(target.id)).rejects.toThrow('relay_full');
    await eventually(() => ended === 3);
    const honest = await scene.join(from('198.51.100.7'));
    const [near, far] = await scene.splice(honest, target);
    near.write('hello');
    expect(await next(far)).toBe('hello');
    await eventually(() => ended === 4);
    expect(await scene.metric('skein_relay_splices')).toBe(3);
  });

  test('[R3] in frames without end closes the connection', async () => {
    scene = await Scene.open({ quotas: { framesPerSecond: 10 } });
    const node = await scene.join();
    for (let n = 0; n < 40; n++) node.send({ t: 'ping', n });
    expect((await node.inbox.take('refused')).error.code).toBe('quota_exceeded');
    await node.closed;
  });
});

describe('a token', () => {
  function meetings() {
    const wheel = new Wheel();
    wheel.advance(0);
    const usage = new Usage(wheel, 0);
    const joined: Arrival[][] = [];
    const all = new Meetings({
      ...{ wheel, usage, quotas: DEFAULT_QUOTAS, stats: new Stats() },
      splices: () => 0,
      makeRoom: () => false,
      join: (_, dialer, target) => joined.push([dialer, target]),
    });
    return { wheel, usage, all, joined };
  }
  const somebody = () => {
    const { id: peer } = newIdentity();
    return { peer, admission: undefined, listen: true, origin: peer };
  };
  const arrival = (refused: string[] = []): Arrival => ({
    gone: undefined,
    accept: () => undefined,
    refuse: (status, error) => refused.push(`${status} ${error.code}`),
  });

  test('[R1] is good for so long and no longer, and who waits is told', () => {
    const { wheel, usage, all, joined } = meetings();
    const tokens = all.arrange(somebody(), somebody(), {});
    const refused: string[] = [];
    expect(all.present(tokens.dialer, () => arrival(refused))).toBe(true);
    wheel.advance(TOKEN_MS - 1_000);
    expect(refused).toEqual([]);
    wheel.advance(TOKEN_MS + 1_000);
    expect(refused).toEqual(['504 timeout']);
    expect(all.present(tokens.target, () => arrival())).toBe(false);
    expect(joined).toEqual([]);
    expect(all.size).toBe(0);
    wheel.advance(TOKEN_MS + 60_000);
    expect(usage.size).toBe(0);
  });

  test('[R1] whose holder went away leaves nothing behind', () => {
    const { all, joined } = meetings();
    const tokens = all.arrange(somebody(), somebody(), {});
    const first = arrival();
    all.present(tokens.dialer, () => first);
    first.gone?.();
    expect(all.present(tokens.target, () => arrival())).toBe(false);
    expect([all.size, joined.length]).toEqual([0, 0]);
  });

  test('[R3] [C5] that wait because nobody comes keep out nobody else, however many keys they were dialled with', () => {
    const { all } = meetings();
    const target = somebody();
    // An address that counts, and four keys.
    const strangers = Array.from({ length: 4 }, () => ({ ...somebody(), origin: '192.0.2.1' }));
    const refused: string[] = [];
    for (const stranger of strangers)
      for (let i = 0; i < DEFAULT_QUOTAS.pendingPerPeer; i++)
        all.present(all.arrange(stranger, target, {}).dialer, () => arrival(refused));
    expect(all.size).toBe(DEFAULT_QUOTAS.pendingForPeer);
    const honest = all.arrange(somebody(), target, {});
    expect(all.present(honest.target, () => arrival())).toBe(true);
    expect(refused).toEqual(['503 relay_full']);
    // Of as many as they have themselves nobody takes anything.
    const others = Array.from({ length: 40 }, () => ({ ...somebody(), origin: '192.0.2.2' }));
    const came = others.filter((one) => {
      try {
        return all.arrange(one, target, {});
      } catch {
        return false;
      }
    });
    expect([came.length, all.size]).toEqual([31, DEFAULT_QUOTAS.pendingForPeer]);
    expect(() => all.arrange({ ...somebody(), origin: '192.0.2.1' }, target, {})).toThrow(/too many dials/);
  });
});
