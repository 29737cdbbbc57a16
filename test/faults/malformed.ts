/** Malformed frames of every kind, for both protocols; each is what a broken or hostile peer might send. */
import { pack } from '@skein/protocol/codec';
import { frame, HOST_VERSIONS, HostFrame } from '@skein/protocol/host/frames';
import { MAX_FRAME } from '@skein/protocol/limits';
import type { Random } from '../support/random.ts';

/** Well-formed values of every channel frame: what is bent from here on. */
const CHANNEL: readonly object[] = [
  { t: 'hello', versions: [1], client: { name: 'x', version: '0' } },
  { t: 'ask', n: 1, type: 'status', body: {} },
  { t: 'ask', n: 2, type: 'screen', body: { ref: 'x', form: 'text' } },
  {
    t: 'cmd',
    id: { client: 'fuzz', seq: 1 },
    target: 'node',
    type: 'session.rename',
    body: { id: 'x', name: 'y' },
  },
  { t: 'ack', client: 'fuzz', seq: 1 },
  { t: 'sub', lane: 1, stream: 'node', from: { offset: 0 }, follow: true, credit: 1000 },
  { t: 'open', lane: 2, session: 'x', role: 'read', hello: {}, credit: 1000 },
  { t: 'fetch', lane: 3, hash: 'x', from: 0, credit: 1000 },
  { t: 'data', lane: 2, bytes: new Uint8Array(8) },
  { t: 'credit', lane: 1, bytes: 10 },
  { t: 'close', lane: 1 },
  { t: 'ping', n: 1 },
];

/** Values that no field expects. */
const ODD: readonly unknown[] = [
  null,
  -1,
  2 ** 53,
  1.5,
  Number.NaN,
  '',
  'x'.repeat(70_000),
  [],
  {},
  true,
  new Uint8Array(3),
  '__proto__',
  Array.from({ length: 2000 }, () => 0),
  { toString: 1 },
  '../../etc/passwd',
  'session/',
  '\u0000',
  '\ud800',
];

/** One malformed message for a socket whose well-formed frames are like these: the channel's, unless others are given. */
export function malformedMessage(random: Random, samples: readonly object[] = CHANNEL): Uint8Array | string {
  switch (random.int(0, 8)) {
    case 0:
      return random.bytes(random.int(0, 300));
    case 1: {
      const whole = pack(random.pick(samples));
      return whole.subarray(0, random.int(0, whole.length - 1));
    }
    case 2:
      return flipped(pack(random.pick(samples)), random);
    case 3:
      return pack(bent(random.pick(samples) as Record<string, unknown>, random));
    case 4:
      // Arrays or maps within each other, deeper than any stack.
      return new Uint8Array(random.int(10_000, 500_000)).fill(random.pick([0x91, 0x81]));
    case 5:
      // A header that promises four thousand million bytes or members, with none behind it.
      return Uint8Array.from([random.pick([0xc6, 0xdb, 0xdd, 0xdf, 0xc9]), 0xff, 0xff, 0xff, 0xff, 0]);
    case 6:
      return JSON.stringify(random.pick(samples));
    case 7:
      return pack(random.pick(ODD));
    default:
      return Buffer.concat([pack(random.pick(samples)), random.bytes(random.int(1, 20))]);
  }
}

/** One malformed piece for the host's socket. */
export function malformedPiece(random: Random): Uint8Array {
  const hello = { versions: HOST_VERSIONS, token: 'x'.repeat(22), view: 'bytes', from: 0 };
  switch (random.int(0, 7)) {
    case 0:
      return random.bytes(random.int(1, 300));
    case 1:
      return flipped(frame(HostFrame.HELLO, pack(hello)), random);
    case 2:
      return frame(HostFrame.HELLO, pack(bent(hello, random)));
    case 3:
      return Uint8Array.from([0xff, 0xff, 0xff, 0xff, random.int(0, 255)]);
    case 4:
      return Uint8Array.from([0, 0, 0, 0, 0]);
    case 5:
      return frame(random.int(0, 255), random.bytes(random.int(0, 64)));
    case 6:
      return frame(
        random.pick([HostFrame.HELLO, HostFrame.RESIZE]),
        new Uint8Array(random.int(1_000, 200_000)).fill(0x91),
      );
    default:
      return frame(HostFrame.HELLO, pack({ versions: HOST_VERSIONS, key: 'not the key' }));
  }
}

/** A frame for a viewer that has been let in. */
export function malformedViewerPiece(random: Random): Uint8Array {
  switch (random.int(0, 5)) {
    case 0:
      return frame(HostFrame.RESIZE, pack({ cols: random.pick([0, -1, 1e6, 'x', null]), rows: 24 }));
    case 1:
      return frame(HostFrame.CONSUMED, random.bytes(random.int(0, 12)));
    case 2:
      return frame(HostFrame.INPUT, random.bytes(random.int(0, 40)));
    case 3:
      return frame(HostFrame.REQ, pack({ n: 1, type: 'shutdown', body: {} }));
    case 4: {
      const head = new Uint8Array(5);
      new DataView(head.buffer).setUint32(0, MAX_FRAME + random.int(1, 2 ** 31));
      return head;
    }
    default:
      return malformedPiece(random);
  }
}

export function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const out = bytes.slice();
  for (let flips = random.int(1, 4); flips > 0; flips--) {
    const at = random.int(0, out.length - 1);
    out[at] = (out[at] ?? 0) ^ (1 << random.int(0, 7));
  }
  return out;
}

/** The value with one of its fields made odd, at any depth. */
function bent(value: Record<string, unknown>, random: Random): Record<string, unknown> {
  const key = random.pick(Object.keys(value));
  const field = value[key];
  const deeper =
    typeof field === 'object' && field !== null && !Array.isArray(field) && Object.keys(field).length > 0;
  if (deeper && !(field instanceof Uint8Array) && random.chance(0.7))
    return { ...value, [key]: bent(field as Record<string, unknown>, random) };
  return { ...value, [key]: random.pick(ODD) };
}
