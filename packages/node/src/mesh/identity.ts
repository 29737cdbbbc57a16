/**
 * Who this node is: an Ed25519 key, made at its first start and kept in `identity/key` for its owner's eyes alone
 * (rule M1). Its public half is the node's PeerId. Needs no libp2p, so that a node without a mesh has an identity too.
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { KEY_BYTES, peerIdOf } from '@skein/protocol/relay/peer-id';
import { shellWord } from '@skein/protocol/text/words';
import { FILE_MODE, isCode, makeDir, sync, writeWhole } from '../platform/files.ts';

/** What stands in the file before the key, so that another kind of key can come. */
const KIND = 'skein-ed25519-1 ';

/** Bytes of the file: anything else in its place is not read any further. */
const FILE_MAX = 256;

/** DER of a PKCS #8 Ed25519 private key, up to its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface Identity {
  /** The PeerId, as text. */
  readonly id: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The directory of the key, and of what else belongs to it. */
  readonly dir: string;
  /** Ed25519, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
  /** The 32 bytes that the key is made of: for Noise alone. */
  seed(): Uint8Array;
}

/** Reads the key of a home, or makes it. Throws `identity_unsafe` for a file that is not what this wrote, or that others may read. */
export function openIdentity(home: string): Identity {
  const dir = path.join(home, 'identity');
  makeDir(dir);
  checkOwn(dir, fs.lstatSync(dir), 'directory');
  const file = path.join(dir, 'key');
  return identityOf(readSeed(file) ?? makeSeed(file), dir);
}

/** The identity of a 32-byte seed. */
export function identityOf(seed: Uint8Array, dir: string): Identity {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = rawPublicKey(key);
  return {
    id: peerIdOf(publicKey),
    publicKey,
    dir,
    sign: (bytes) => sign(null, bytes, key),
    seed: () => seed.slice(),
  };
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(spki.length - KEY_BYTES));
}

/** The seed in the file; undefined when there is none. */
function readSeed(file: string): Uint8Array | undefined {
  let fd: number;
  try {
    // Not through a link: what it points to may be anybody's.
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw unsafe(
      file,
      `cannot be read (${(error as Error).message})`,
      'Put back the file that belongs there.',
    );
  }
  try {
    const stat = fs.fstatSync(fd);
    checkOwn(file, stat, 'file');
    if (stat.size > FILE_MAX) throw notAKey(file);
    const text = fs.readFileSync(fd, 'utf8');
    const seed = text.startsWith(KIND) ? Buffer.from(text.slice(KIND.length), 'base64url') : Buffer.alloc(0);
    // Written exactly so, or not by this: a key that was altered would be another node.
    if (seed.length !== KEY_BYTES || text !== fileOf(seed)) throw notAKey(file);
    return new Uint8Array(seed);
  } finally {
    fs.closeSync(fd);
  }
}

function makeSeed(file: string): Uint8Array {
  const seed = new Uint8Array(randomBytes(KEY_BYTES));
  writeWhole(file, fileOf(seed));
  // The directory itself is new as well.
  sync(path.dirname(path.dirname(file)));
  return seed;
}

function fileOf(seed: Uint8Array): string {
  return `${KIND}${Buffer.from(seed).toString('base64url')}\n`;
}

function checkOwn(file: string, stat: fs.Stats, kind: 'file' | 'directory'): void {
  const right = kind === 'file' ? stat.isFile() : stat.isDirectory();
  if (!right) throw unsafe(file, `is no ${kind}`, 'Put back what belongs there.');
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid)
    throw unsafe(file, 'belongs to somebody else', 'Give it back to its owner.');
  const open = stat.mode & 0o077;
  if (open !== 0) {
    const mode = kind === 'file' ? FILE_MODE.toString(8) : '700';
    throw unsafe(file, 'is open to others', `If nobody else has read it: chmod ${mode} ${shellWord(file)}`);
  }
}

function notAKey(file: string): SkeinError {
  return unsafe(
    file,
    'holds no key that Skein wrote',
    'Put back the right one; without it this node is another node, and must be admitted anew.',
  );
}

function unsafe(file: string, what: string, then: string): SkeinError {
  return new SkeinError('identity_unsafe', `${file} ${what}. ${then}`, { file });
}
