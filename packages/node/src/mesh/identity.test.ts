/** The node's key on disk: made once, for its owner's eyes, and refused when it is not what was written. */
import { createPublicKey, verify } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openIdentity } from './identity.ts';

let home = '';
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-identity-'));
});
afterEach(() => fs.rmSync(home, { recursive: true }));

const keyFile = () => path.join(home, 'identity', 'key');
const mode = (file: string) => fs.statSync(file).mode & 0o777;

describe('[M1] the identity', () => {
  test('is made at the first start and stays, readable by its owner alone', () => {
    const first = openIdentity(home);
    expect(mode(keyFile())).toBe(0o600);
    expect(mode(path.dirname(keyFile()))).toBe(0o700);
    expect(openIdentity(home).id).toBe(first.id);
    expect(fs.readdirSync(path.dirname(keyFile()))).toEqual(['key']);
  });

  test('is the PeerId that libp2p sees, and signs for it', () => {
    const identity = openIdentity(home);
    const key = privateKeyFromRaw(Buffer.concat([identity.seed(), identity.publicKey]));
    expect(peerIdFromPrivateKey(key).toString()).toBe(identity.id);
    const bytes = Buffer.from('what is signed');
    const x = Buffer.from(identity.publicKey).toString('base64url');
    const jwk = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, bytes, jwk, identity.sign(bytes))).toBe(true);
  });

  test.each<[string, () => void]>([
    ['its file is open to the group', () => fs.chmodSync(keyFile(), 0o640)],
    ['its file is open to others', () => fs.chmodSync(keyFile(), 0o604)],
    ['its directory is open to others', () => fs.chmodSync(path.dirname(keyFile()), 0o755)],
    ['its file is empty', () => fs.writeFileSync(keyFile(), '')],
    ['its file is cut off', () => fs.truncateSync(keyFile(), 40)],
    ['its file has something behind the key', () => fs.appendFileSync(keyFile(), '\n')],
    ['its file is something else, and large', () => fs.writeFileSync(keyFile(), 'x'.repeat(1 << 20))],
    [
      'its file is a link',
      () => {
        fs.renameSync(keyFile(), `${keyFile()}.real`);
        fs.symlinkSync(`${keyFile()}.real`, keyFile());
      },
    ],
    [
      'its file is a directory',
      () => {
        fs.rmSync(keyFile());
        fs.mkdirSync(keyFile(), { mode: 0o700 });
      },
    ],
  ])('is refused when %s', (_, spoil) => {
    openIdentity(home);
    spoil();
    expect(() => openIdentity(home)).toThrow(expect.objectContaining({ code: 'identity_unsafe' }));
  });

  test('no altered byte of its file gives another identity', () => {
    openIdentity(home);
    const whole = fs.readFileSync(keyFile());
    for (let at = 0; at < whole.length; at++) {
      const altered = Buffer.from(whole);
      altered[at] = (altered[at] as number) ^ 0x20;
      fs.writeFileSync(keyFile(), altered);
      let id: string | undefined;
      try {
        id = openIdentity(home).id;
      } catch (error) {
        expect(error).toMatchObject({ code: 'identity_unsafe' });
      }
      // A letter of the key turned into another letter is another key: only its PeerId can tell.
      if (id !== undefined) expect(at).toBeGreaterThanOrEqual('skein-ed25519-1 '.length);
    }
  });
});
