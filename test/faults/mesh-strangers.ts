/** Peers that send malformed bytes to a node's port, its tunnel protocol, and the channels within, and see what comes back. */
import { connect } from 'node:net';
import type { Mesh, PeerAddress } from '@skein/node/mesh/api';
import { openIdentity } from '@skein/node/mesh/identity';
import { Core } from '@skein/node/mesh/libp2p/libp2p';
import { decodeFrame, encodeFrame } from '@skein/node/mesh/tunnels/frames';
import type { NodeFrame } from '@skein/protocol/channel/frames';
import { pack, unpack } from '@skein/protocol/codec';
import { ERROR_CODES, SkeinError } from '@skein/protocol/errors';
import { decodeTicket, encodeTicket } from '@skein/protocol/members/ticket';
import { peerIdOf } from '@skein/protocol/relay/peer-id';
import { within } from '../support/processes.ts';
import type { Random } from '../support/random.ts';
import { flipped, malformedMessage } from './malformed.ts';

type Connection = Parameters<Core['openStream']>[0];
type Stream = Awaited<ReturnType<Core['openStream']>>;

/** Milliseconds for a connection, a stream or a channel to be answered or closed. */
const ANSWER_MS = 12_000;

/** A line as libp2p's negotiation has it: a length, then the text. */
export const said = (text: string) =>
  Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(`${text}\n`)]);
const NOISE = Buffer.concat([said('/multistream/1.0.0'), said('/noise')]);

/** What a broken or hostile program might say at a node's port. */
export function badStart(random: Random): Buffer {
  const pieces = [
    () => Buffer.from(random.bytes(random.int(1, 400))),
    () => Buffer.concat([said('/multistream/1.0.0'), said('/plaintext/2.0.0')]),
    () => Buffer.concat([NOISE, Buffer.from(random.bytes(random.int(1, 400)))]),
    () => Buffer.concat([NOISE, Buffer.from([0, 32]), Buffer.from(random.bytes(332))]),
    () => Buffer.concat([NOISE, Buffer.from([0xff, 0xff]), Buffer.alloc(70_000, random.int(0, 255))]),
    // A length without end, and proposals.
    () => Buffer.alloc(2_000, 0xff),
    () => Buffer.concat([said('/multistream/1.0.0'), ...Array.from({ length: 2_000 }, () => said('a'))]),
    () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  ];
  return random.pick(pieces)();
}

/** Bytes at the port, and then the end of them: closed. */
export async function badPort(port: number, random: Random): Promise<string[]> {
  const bytes = badStart(random);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.end(bytes);
  try {
    await within(ANSWER_MS, `closing at the port: ${describe(bytes)}`, closed);
    return [];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    socket.destroy();
  }
}

const HELLO = encodeFrame({ type: 'hello', versions: [1], addrs: [], relays: [] });
const FRAMES: readonly Uint8Array[] = [
  HELLO,
  encodeFrame({ type: 'open', tunnel: 1 }),
  encodeFrame({ type: 'credit', tunnel: 1, bytes: 10 }),
  encodeFrame({ type: 'close', tunnel: 1, error: undefined }),
  encodeFrame({ type: 'ping', n: 1 }),
  encodeFrame({ type: 'at', addrs: ['/ip4/127.0.0.1/tcp/1'], relays: [] }),
];

/** Sound frames, and more of them than anybody needs: tunnels opened and closed, or questions whether somebody is there. */
function busyPieces(count: number, tunnels: boolean): Uint8Array {
  const both = (n: number) => [
    encodeFrame({ type: 'open', tunnel: n + 1 }),
    encodeFrame({ type: 'close', tunnel: n + 1, error: undefined }),
  ];
  return Buffer.concat(
    Array.from({ length: count }, (_, n) => (tunnels ? both(n) : [encodeFrame({ type: 'ping', n })])).flat(),
  );
}

function badPieces(random: Random): Uint8Array {
  const head = (length: number, type: number, payload: Uint8Array) => {
    const out = Buffer.alloc(5 + payload.length);
    out.writeUInt32BE(length >>> 0);
    out[4] = type;
    out.set(payload, 5);
    return out;
  };
  const payload = random.bytes(random.int(0, 60));
  switch (random.int(0, 5)) {
    case 0:
      return random.bytes(random.int(1, 300));
    case 1:
      return flipped(random.pick(FRAMES), random);
    case 2:
      return head(payload.length + 1, random.int(0, 12), payload);
    case 3:
      return head(random.pick([0, 2 ** 21, 2 ** 31, 2 ** 32 - 1]), random.int(0, 12), payload);
    case 4:
      return busyPieces(random.int(200, 1000), random.chance(0.5));
    default:
      return Buffer.concat(
        Array.from({ length: random.int(2, 6) }, () => flipped(random.pick(FRAMES), random)),
      );
  }
}

/** A peer that has proved its key and opens streams by hand, on one connection as long as that lasts. */
export class BarePeer {
  readonly #core: Core;
  readonly #connected: (() => void)[] = [];
  #connection: Connection | undefined;
  #dialling: Promise<void> | undefined;

  private constructor(core: Core) {
    this.#core = core;
  }

  static async start(home: string): Promise<BarePeer> {
    const peer: { it?: BarePeer } = {};
    const connected = (connection: Connection) => peer.it?.came(connection);
    peer.it = new BarePeer(
      await Core.start(openIdentity(home), {
        admit: () => true,
        connected,
        stream: (stream) => stream.abort(new Error('no')),
      }),
    );
    return peer.it;
  }

  came(connection: Connection): void {
    this.#connection = connection;
    for (const tell of this.#connected.splice(0)) tell();
  }

  /** A new stream. The connection may be closed for what was sent on another: then on the next. */
  async stream(address: string, peer: string): Promise<Stream> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    for (;;) {
      try {
        return await this.#stream(address, peer, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        this.#connection = undefined;
      }
    }
  }

  async #stream(address: string, peer: string, signal: AbortSignal): Promise<Stream> {
    if (this.#connection?.status !== 'open') {
      this.#dialling ??= this.#dial(address, peer, signal).finally(() => {
        this.#dialling = undefined;
      });
      await this.#dialling;
    }
    if (this.#connection === undefined) throw new Error('there is no connection');
    return this.#core.openStream(this.#connection);
  }

  stop(): Promise<void> {
    return this.#core.stop();
  }

  async #dial(address: string, peer: string, signal: AbortSignal): Promise<void> {
    const there = new Promise<void>((resolve) => this.#connected.push(resolve));
    await this.#core.dial(address, peer, signal, () => {});
    await there;
  }
}

/**
 * Malformed frames of the tunnel protocol on a stream of their own, by a peer that has proved its key: the stream ends,
 * with a typed error where the far end says one. What happens to be sound is ended by this side.
 */
export async function badTunnel(
  from: BarePeer,
  to: { address: string; peer: string },
  random: Random,
): Promise<string[]> {
  const bytes = badPieces(random);
  const where = `on a tunnel stream, ${describe(bytes)}`;
  try {
    const stream = await from.stream(to.address, to.peer);
    const chunks: Uint8Array[] = [];
    const closed = new Promise<void>((resolve) =>
      stream.listen({ data: (chunk) => chunks.push(chunk.slice()), drained() {}, closed: () => resolve() }),
    );
    for (const piece of random.chance(0.7) ? [HELLO, bytes] : [bytes]) stream.send(piece);
    // What was cut short, or was sound after all, ends here.
    const patience = setTimeout(() => stream.end(), 20);
    await within(ANSWER_MS, `ending ${where}`, closed);
    clearTimeout(patience);
    stream.abort(new Error('done'));
    return endOf(Buffer.concat(chunks)).flatMap((error) => judge(where, error));
  } catch (error) {
    return [`${where}: ${(error as Error).message}`];
  }
}

/** The error with which a stream was ended, if it was. */
function endOf(bytes: Buffer): { code: string; message: string }[] {
  const errors: { code: string; message: string }[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) break;
    const read = decodeFrame(bytes[at + 4] as number, bytes.subarray(at + 5, at + 4 + length));
    if (read.type === 'end') errors.push(read.error);
    at += 4 + length;
  }
  return errors;
}

/** A malformed message on a channel within a tunnel, as a member or a stranger: refused and closed, or harmless. */
export async function badChannel(mesh: Mesh, to: PeerAddress, random: Random): Promise<string[]> {
  const sent = malformedMessage(random);
  const bytes = typeof sent === 'string' ? Buffer.from(sent) : sent;
  const where = `on a channel within a tunnel, ${describe(bytes)}`;
  let done: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    done = resolve;
  });
  const answers: NodeFrame[] = [];
  try {
    const pipe = await mesh.open(to, {
      wait: ANSWER_MS,
      events: {
        message(message) {
          const frame = unpack(message) as NodeFrame;
          answers.push(frame);
          if (frame.t === 'refused' || frame.t === 'pong') done();
        },
        closed: () => done(),
      },
    });
    if (random.chance(0.7))
      pipe.send(pack({ t: 'hello', versions: [1], client: { name: 'x', version: '0' } }));
    pipe.send(bytes);
    pipe.send(pack({ t: 'ping', n: 7 }));
    await within(ANSWER_MS, where, over);
    pipe.close();
    return answers.flatMap((frame) =>
      'error' in frame && frame.error !== undefined ? judge(where, frame.error) : [],
    );
  } catch (thrown) {
    return judge(where, SkeinError.from(thrown));
  }
}

/** A ticket with something wrong in it: refused by a code of its own, or it still is one. */
export function badTicket(random: Random): string[] {
  const whole = encodeTicket({
    ...{ peer: peerIdOf(random.bytes(32)), relays: ['ws://127.0.0.1:1'], addrs: [], session: 'abcdefghijkl' },
    ...{ secret: random.bytes(16), role: 'viewer', expires: 2_000_000_000, history: 'all', name: 'x' },
  });
  const letters = Buffer.from(whole);
  const texts = [
    () => Buffer.from(flipped(letters, random)).toString('latin1'),
    () => whole.slice(0, random.int(0, whole.length - 1)),
    () => whole.slice(random.int(1, whole.length)),
    () => `skein1${Buffer.from(random.bytes(random.int(0, 400))).toString('latin1')}`,
    () => `skein${random.int(0, 99_999)}${whole.slice(6)}`,
    () => `${whole}${whole}`,
    () => 'skein1'.padEnd(random.int(6, 40_000), 'a'),
  ];
  const text = random.pick(texts)();
  try {
    decodeTicket(text);
    // Case and white space are no part of a ticket.
    return text.replace(/\s/g, '').toLowerCase() === whole
      ? []
      : [`a wrong ticket was taken: ${text.slice(0, 100)}`];
  } catch (thrown) {
    const { code, message } = SkeinError.from(thrown);
    return code.startsWith('ticket_') ? [] : [`a ticket was refused with ${code}: ${message}`];
  }
}

function judge(where: string, error: { code: string; message: string }): string[] {
  if (!Object.hasOwn(ERROR_CODES, error.code)) return [`${where}: the code ${error.code} is unknown`];
  return error.code === 'internal' ? [`${where}: an accident: ${error.message}`] : [];
}

function describe(bytes: Uint8Array): string {
  return `${bytes.length} bytes ${Buffer.from(bytes.subarray(0, 48)).toString('hex')}`;
}
