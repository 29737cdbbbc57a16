/**
 * A program that connects to a node again and again as a stranger with a key of its own, and once it has proved that, says
 * things that no muxer should: `hostile-peer.ts <multiaddr> <count> <seed>`. Prints how often it got in.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Connection, MessageStream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { Random } from './random.ts';

// Its own muxer does not live through what it does, which is no concern of this test.
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

const [address, count, seed] = process.argv.slice(2);
const random = new Random(Number(seed));
const PROTOCOL = Buffer.from('\x13/multistream/1.0.0\n\x0e/skein/peer/1\n');

function header(type: number, flags: number, stream: number, length: number): Buffer {
  const out = Buffer.alloc(12);
  out[1] = type;
  out.writeUInt16BE(flags, 2);
  out.writeUInt32BE(stream >>> 0, 4);
  out.writeUInt32BE(length >>> 0, 8);
  return out;
}

function opened(stream: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([header(0, 1, stream, bytes.length), bytes]);
}

function garbage(n: number): Uint8Array {
  switch (random.int(0, 4)) {
    case 0:
      return random.bytes(random.int(1, 200));
    case 1:
      return header(
        random.int(0, 5),
        random.pick([0, 1, 2, 3, 4, 5, 8, 9, 15, 65_535]),
        random.pick([0, 1, 2, 3, 5, 7, 0xffffffff]),
        random.pick([0, 1, 2, 256, 1 << 20, 0xffffffff]),
      );
    case 2:
      return opened(2 * n + 1, random.bytes(50));
    case 3:
      return header(3, 0, 0, random.int(0, 3));
    default:
      return opened(2 * n + 1, Buffer.concat([PROTOCOL, random.bytes(random.int(0, 100))]));
  }
}

interface Inside {
  muxer: { maConn: MessageStream };
  maConn: { socket?: { destroy(): void; end(): void } };
}

async function once(): Promise<boolean> {
  const node = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  });
  try {
    const connection: Connection = await node.dial(multiaddr(address), {
      signal: AbortSignal.timeout(3_000),
    });
    const inside = connection as unknown as Inside;
    for (let n = random.int(1, 12); n > 0; n--) inside.muxer.maConn.send(garbage(n));
    const end = random.int(0, 3);
    if (end === 0) inside.maConn.socket?.destroy();
    if (end === 1) inside.maConn.socket?.end();
    if (end === 2) await sleep(2);
    connection.abort(new Error('enough'));
    return true;
  } catch {
    return false;
  } finally {
    await Promise.resolve(node.stop()).catch(() => {});
  }
}

let inside = 0;
for (let i = 0; i < Number(count); i++) if (await once()) inside++;
process.stdout.write(`${inside}\n`);
process.exit(0);
