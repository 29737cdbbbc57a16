/** The relay's own Ed25519 key, in a file that its owner alone can read: signatures are bound to it, and nodes pin it. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { keyOf, peerIdOf } from '@skein/protocol/relay/peer-id';
import { shellWord } from '@skein/protocol/text/words';

/** Bytes; a PKCS #8 file of an Ed25519 key has 119. */
const MAX_KEY_FILE = 4096;

export interface RelayIdentity {
  /** PeerId. */
  id: string;
  sign(bytes: Uint8Array): Uint8Array;
}

/** `$STATE_DIRECTORY` under systemd, else the XDG state directory. */
export function defaultKeyFile(env: NodeJS.ProcessEnv = process.env): string {
  if (env.STATE_DIRECTORY) return path.join(env.STATE_DIRECTORY, 'key');
  const state =
    env.XDG_STATE_HOME && path.isAbsolute(env.XDG_STATE_HOME)
      ? env.XDG_STATE_HOME
      : env.HOME && path.join(env.HOME, '.local', 'state');
  if (!state) throw new SkeinError('bad_request', 'HOME is not set. Say where the key is: --key FILE');
  return path.join(state, 'skein-relay', 'key');
}

/** Reads the key, or makes one; throws `home_unsafe` for a file that others can read or that holds something else. */
export function openIdentity(file: string): RelayIdentity {
  try {
    if (!fs.existsSync(file)) makeKey(file);
    return identityOf(readKey(file));
  } catch (error) {
    if (error instanceof SkeinError) throw error;
    throw new SkeinError(
      'home_unsafe',
      `The relay's key ${file} cannot be used: ${(error as Error).message}.`,
      { file },
    );
  }
}

export function identityOf(key: KeyObject): RelayIdentity {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return { id: peerIdOf(Buffer.from(x ?? '', 'base64url')), sign: (bytes) => sign(null, bytes, key) };
}

/** Whether a PeerId's key made this signature. */
export function verifies(peer: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    const x = Buffer.from(keyOf(peer)).toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, bytes, key, signature);
  } catch {
    return false;
  }
}

function readKey(file: string): KeyObject {
  const fd = fs.openSync(file, 'r');
  try {
    const { mode, size } = fs.fstatSync(fd);
    if ((mode & 0o077) !== 0)
      throw new SkeinError(
        'home_unsafe',
        `${file} is open to others. Close it: chmod 600 ${shellWord(file)}`,
        { file },
      );
    if (size > MAX_KEY_FILE) throw new Error('it is too large for a key');
    const key = createPrivateKey(fs.readFileSync(fd));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('it holds a key that is not Ed25519');
    return key;
  } finally {
    fs.closeSync(fd);
  }
}

/** Whole or not at all, and never over one that another relay made meanwhile. */
function makeKey(file: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.new`;
  const fd = fs.openSync(beside, 'wx', 0o600);
  try {
    fs.writeFileSync(fd, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  try {
    fs.linkSync(beside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(beside);
  }
}
