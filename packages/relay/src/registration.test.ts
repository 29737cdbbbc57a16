/** Who gets in, and whose signature holds where (rules R1, R3), with a real relay. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLOCK_SKEW_MS } from '@skein/protocol/relay/limits';
import { transcript } from '@skein/protocol/relay/transcript';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { checkRegistration, type Register, registrationOf } from './registration.ts';
import { newIdentity } from './testing/keys.ts';
import { Scene } from './testing/scene.ts';
import { closed, eventually, next } from './testing/sockets.ts';

let scene: Scene;
afterEach(() => scene.end());

/** A registration signed over what the frame says, for whichever relay and challenge. */
function resigned(
  frame: Register,
  by: ReturnType<typeof newIdentity>,
  relay: string,
  nonce: Uint8Array,
): Register {
  return { ...frame, sig: by.sign(transcript('register', registrationOf(frame, { relay, nonce }))) };
}

describe('the places of one address', () => {
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  test('[R3] are few where anybody may register; coming back needs no further one, and going gives it back', async () => {
    scene = await Scene.open({ trustProxy: true, quotas: { nodesPerAddress: 2 } });
    const first = await scene.join(from('192.0.2.1'));
    const identity = newIdentity();
    await scene.join({ ...from('192.0.2.1'), identity });
    await expect(scene.join(from('192.0.2.1'))).rejects.toThrow('quota_exceeded');
    await scene.join({ ...from('192.0.2.1'), identity });
    await scene.join(from('192.0.2.2'));
    // A loopback address is a proxy's, or one's own.
    for (let n = 0; n < 3; n++) await scene.join(from('127.0.0.1'));
    first.close();
    await eventually(async () => (await scene.metric('skein_relay_nodes')) === 5);
    // From elsewhere it takes its place with it.
    await scene.join({ ...from('192.0.2.2'), identity });
    for (let n = 0; n < 2; n++) await scene.join(from('192.0.2.1'));
    for (const full of ['192.0.2.1', '192.0.2.2'])
      await expect(scene.join(from(full))).rejects.toThrow('quota_exceeded');
  });

  test('[R3] are no matter to those whom the keeper has let in, but to their guests', async () => {
    const admission = { token: 'a-token-of-the-keeper', guests: true };
    scene = await Scene.open({ trustProxy: true, quotas: { nodesPerAddress: 1 }, admission });
    const ours = { ...from('192.0.2.1'), admission: admission.token };
    for (let n = 0; n < 3; n++) await scene.join(ours);
    await scene.join({ ...from('192.0.2.2'), listen: false });
    await expect(scene.join({ ...from('192.0.2.2'), listen: false })).rejects.toThrow('quota_exceeded');
  });
});

describe('a registration', () => {
  test('[R1] proves both ends to each other', async () => {
    scene = await Scene.open();
    const node = await scene.join();
    expect((await node.dial(node.id)).length).toBe(16);
    expect(await scene.metric('skein_relay_nodes')).toBe(1);
  });

  test('[R1] signed for another relay is refused', async () => {
    scene = await Scene.open();
    const identity = newIdentity();
    const other = newIdentity().id;
    const bend = (frame: Register, { nonce }: { nonce: Uint8Array }) =>
      resigned(frame, identity, other, nonce);
    await expect(scene.join({ identity, bend })).rejects.toThrow('signature_invalid');
  });

  test('[R1] of another connection is refused, also while that one lives', async () => {
    scene = await Scene.open();
    const identity = newIdentity();
    let seen: Register | undefined;
    const keep = (frame: Register) => {
      seen = frame;
      return frame;
    };
    await scene.join({ identity, bend: keep });
    await expect(scene.join({ identity, bend: () => seen as Register })).rejects.toThrow('signature_invalid');
    expect(await scene.metric('skein_relay_nodes')).toBe(1);
  });

  test('[R1] of another time is refused, whichever way', async () => {
    scene = await Scene.open();
    const identity = newIdentity();
    for (const off of [-CLOCK_SKEW_MS - 5_000, CLOCK_SKEW_MS + 5_000]) {
      const bend = (frame: Register, { nonce }: { nonce: Uint8Array }) =>
        resigned({ ...frame, time: frame.time + off }, identity, scene.relay.id, nonce);
      await expect(scene.join({ identity, bend })).rejects.toThrow('clock_skewed');
    }
  });

  test('[R1] by another key than that of its PeerId is refused', async () => {
    scene = await Scene.open();
    const victim = await scene.join();
    const thief = newIdentity();
    const bend = (frame: Register, { nonce }: { nonce: Uint8Array }) =>
      resigned({ ...frame, peer: victim.id }, thief, scene.relay.id, nonce);
    await expect(scene.join({ identity: thief, bend })).rejects.toThrow('signature_invalid');
    expect((await victim.dial(victim.id)).length).toBe(16);
  });

  test('[R1] with any bit altered does not hold', async () => {
    scene = await Scene.open();
    const [identity, relay, nonce] = [newIdentity(), newIdentity().id, randomBytes(32)];
    const now = Date.now();
    const unsigned = {
      t: 'register',
      v: 1,
      peer: identity.id,
      nonce: randomBytes(32),
      time: now,
      listen: true,
    } as const;
    const frame = resigned({ ...unsigned, sig: new Uint8Array(64) }, identity, relay, nonce);
    const code = (run: () => void) => {
      try {
        run();
        return 'fine';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code(() => checkRegistration(frame, { relay, nonce }, now))).toBe('fine');
    const flip = (bytes: Uint8Array, bit: number) =>
      bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    fc.assert(
      fc.property(
        fc.constantFrom('sig', 'nonce', 'relayNonce', 'listen', 'time'),
        fc.nat(255),
        (field, bit) => {
          const bent: Register = { ...frame };
          if (field === 'sig' || field === 'nonce') bent[field] = flip(frame[field], bit);
          if (field === 'listen') bent.listen = false;
          if (field === 'time') bent.time += 1;
          const challenge = { relay, nonce: field === 'relayNonce' ? flip(nonce, bit) : nonce };
          expect(code(() => checkRegistration(bent, challenge, now))).toBe('signature_invalid');
        },
      ),
      { numRuns: 300 },
    );
  });

  test('[R1] of a version that is not spoken is told those that are', async () => {
    scene = await Scene.open();
    const client = scene.visit({ bend: (frame) => ({ ...frame, v: 9 }) });
    await expect(client.register()).rejects.toThrow('unsupported_version');
  });

  test('[R1] that is newer takes the place of the older one, which is told', async () => {
    scene = await Scene.open();
    const identity = newIdentity();
    const older = await scene.join({ identity });
    const newer = await scene.join({ identity });
    expect((await older.inbox.take('refused')).error.code).toBe('replaced');
    await older.closed;
    const dialer = await scene.join();
    await dialer.dial(identity.id);
    expect((await newer.inbox.take('incoming')).from).toBe(dialer.id);
    expect(await scene.metric('skein_relay_nodes')).toBe(2);
  });
});

describe('a heartbeat', () => {
  test('[C4] is answered, and a node that has gone silent is asked, then found within ten seconds', async () => {
    scene = await Scene.open();
    const [living, silent] = [await scene.join(), await scene.join()];
    const beats = setInterval(() => living.send({ t: 'ping', n: 3 }), 3_000);
    expect(await living.inbox.take('pong')).toEqual({ t: 'pong', n: 3 });
    const began = performance.now();
    await silent.inbox.take('ping');
    await silent.closed;
    expect(performance.now() - began).toBeLessThan(11_000);
    clearInterval(beats);
    expect(await scene.metric('skein_relay_nodes')).toBe(1);
  });
});

describe('admission', () => {
  test('[R3] by a list, which is read again when told to', async () => {
    const [member, stranger] = [newIdentity(), newIdentity()];
    const dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
    const list = join(dir, 'allowed');
    writeFileSync(list, `# the house\n${member.id} # laptop\n\n`);
    scene = await Scene.open({ admission: { allowFile: list } });
    await scene.join({ identity: member });
    await expect(scene.join({ identity: stranger })).rejects.toThrow('not_admitted');
    writeFileSync(list, `${member.id}\n${stranger.id}\n`);
    expect(scene.relay.reload()).toEqual([]);
    await scene.join({ identity: stranger });
    writeFileSync(list, 'nobody');
    expect(scene.relay.reload()[0]?.message).toMatch(/line 1/);
    await scene.join({ identity: stranger });
    rmSync(dir, { recursive: true });
  });

  test('[R3] who is taken off the list is turned out when it is read again, and what is relayed for it is cut', async () => {
    const [member, other, third] = [newIdentity(), newIdentity(), newIdentity()];
    const dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
    const list = join(dir, 'allowed');
    writeFileSync(list, [member, other, third].map(({ id }) => id).join('\n'));
    scene = await Scene.open({ admission: { allowFile: list } });
    const [a, b, c] = [
      await scene.join({ identity: member }),
      await scene.join({ identity: other }),
      await scene.join({ identity: third }),
    ];
    const [near] = await scene.splice(a, b);
    const [kept, far] = await scene.splice(a, c);
    const cut = closed(near);
    writeFileSync(list, `${member.id}\n${third.id}`);
    expect(scene.relay.reload()).toEqual([]);
    expect((await b.inbox.take('refused')).error.code).toBe('not_admitted');
    await b.closed;
    await cut;
    await expect(a.dial(other.id)).rejects.toThrow('peer_not_registered');
    // Of others nothing is cut.
    kept.write('still here');
    expect(await next(far)).toBe('still here');
    expect(await scene.metric('skein_relay_nodes')).toBe(2);
    rmSync(dir, { recursive: true });
  });

  test('[R3] who is taken off the list loses what is relayed for it, registered then or not, and what waits for it', async () => {
    const [member, other] = [newIdentity(), newIdentity()];
    const dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
    const list = join(dir, 'allowed');
    writeFileSync(list, `${member.id}\n${other.id}`);
    scene = await Scene.open({ admission: { allowFile: list } });
    const [a, b] = [await scene.join({ identity: member }), await scene.join({ identity: other })];
    const [near] = await scene.splice(b, a);
    const token = await b.dial(a.id);
    const { token: mine } = await a.inbox.take('incoming');
    const waiting = expect(b.open(token)).rejects.toThrow('403 not_admitted');
    // Both registered, both ends of the splice, the one that waits, and who asks.
    await eventually(async () => (await scene.metric('skein_relay_connections')) === 6);
    await eventually(async () => (await scene.metric('skein_relay_newcomers')) === 1);
    b.close();
    await eventually(async () => (await scene.metric('skein_relay_nodes')) === 1);
    const cut = closed(near);
    writeFileSync(list, member.id);
    expect(scene.relay.reload()).toEqual([]);
    await cut;
    await waiting;
    await expect(a.open(mine)).rejects.toThrow('401 token_invalid');
    expect(await scene.metric('skein_relay_splices_total{reason="not_admitted"}')).toBe(1);
    rmSync(dir, { recursive: true });
  });

  test('[R3] who came by a token is turned out when there is another', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
    const tokenFile = join(dir, 'token');
    writeFileSync(tokenFile, 'a token of the house');
    scene = await Scene.open({ admission: { tokenFile } });
    const client = await scene.join({ admission: 'a token of the house' });
    expect(scene.relay.reload()).toEqual([]);
    await client.dial(client.id);
    writeFileSync(tokenFile, 'another token of it');
    expect(scene.relay.reload()).toEqual([]);
    expect((await client.inbox.take('refused')).error.code).toBe('not_admitted');
    await scene.join({ admission: 'another token of it' });
    rmSync(dir, { recursive: true });
  });

  test('[R3] by a token, compared whole', async () => {
    const token = 'a token of the house';
    scene = await Scene.open({ admission: { token } });
    await scene.join({ admission: token });
    for (const wrong of [undefined, '', token.slice(1), `${token}x`])
      await expect(scene.join(wrong === undefined ? {} : { admission: wrong })).rejects.toThrow(
        'not_admitted',
      );
    await expect(scene.join({ listen: false })).rejects.toThrow('not_admitted');
  });

  test('[R3] of guests: they dial those who are admitted, and cannot be dialled', async () => {
    const token = 'a token of the house';
    scene = await Scene.open({ admission: { token, guests: true } });
    const node = await scene.join({ admission: token });
    const guest = await scene.join({ listen: false });
    await guest.dial(node.id);
    expect((await node.inbox.take('incoming')).from).toBe(guest.id);
    await expect(node.dial(guest.id)).rejects.toThrow('peer_not_registered');
    await expect(scene.join()).rejects.toThrow('not_admitted');
  });

  test('[R3] by a token too short to be one is refused at the start', async () => {
    scene = await Scene.open();
    await expect(Scene.open({ admission: { token: 'short' } })).rejects.toThrow(/16 to 256/);
  });
});
