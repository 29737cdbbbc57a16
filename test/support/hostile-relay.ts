/**
 * A relay that speaks the protocol and is up to no good: it leads dialers elsewhere than they asked, answers for others, and
 * spoils, repeats and holds back what it splices (rules M1, R2). It has a key of its own and proves it: nodes trust it so far.
 */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pack, unpack } from '@skein/protocol/codec';
import { SPLICE_PROTOCOL, type ToRelay, toRelay } from '@skein/protocol/relay/frames';
import { NONCE_BYTES, TOKEN_BYTES } from '@skein/protocol/relay/limits';
import { peerIdOf } from '@skein/protocol/relay/peer-id';
import { transcript } from '@skein/protocol/relay/transcript';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Spoil } from './gate.ts';

interface Tricks {
  /** Whom a dial really leads to: another node, or undefined to refuse. By default who was asked for. */
  lead?: (from: string, to: string) => string | undefined;
  /** Whom the called node is told that dials it. By default who does. */
  name?: (from: string) => string;
  /** What becomes of the bytes; `there` is from the dialer. */
  spoil?: Spoil;
  /** Signs its answers with a key that is not the one it names. */
  forge?: boolean;
  /** Instead of joining the two ends: answers the dialer itself. */
  answer?: (socket: Socket) => void;
  /** Lets no raw splice pass, and sends these bytes right behind its yes to a WebSocket. */
  behindYes?: Uint8Array;
}

export class HostileRelay {
  tricks: Tricks = {};
  readonly id: string;
  readonly #key = generateKeyPairSync('ed25519').privateKey;
  readonly #other = generateKeyPairSync('ed25519').privateKey;
  readonly #server: Server;
  readonly #ws = new WebSocketServer({ noServer: true });
  readonly #nodes = new Map<string, WebSocket>();
  readonly #controls = new Map<string, Socket>();
  readonly #meetings = new Map<string, { meeting: object; side: 'there' | 'back' }>();
  readonly #waiting = new Map<object, { socket: Socket; side: 'there' | 'back' }>();
  readonly #sockets = new Set<Socket>();
  dials = 0;

  private constructor() {
    const { x } = createPublicKey(this.#key).export({ format: 'jwk' });
    this.id = peerIdOf(Buffer.from(x as string, 'base64url'));
    this.#server = createServer((_, response) => void response.writeHead(404).end());
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const at = socket as Socket;
      if (request.url === '/data') return this.#data(request, at);
      if (request.url === '/data-ws') return this.#sayYes(request, at);
      this.#ws.handleUpgrade(request, at, head, (ws) => this.#control(ws, at));
    });
  }

  static async start(): Promise<HostileRelay> {
    const relay = new HostileRelay();
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get plain(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.plain}/#${this.id}`;
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #control(ws: WebSocket, socket: Socket): void {
    const relayNonce = randomBytes(NONCE_BYTES);
    const send = (to: WebSocket | undefined, frame: object) => to?.send(pack(frame));
    let peer = '';
    ws.on('error', () => {});
    ws.on('message', (data: Uint8Array) => {
      const frame: ToRelay = toRelay(unpack(data), '');
      if (frame.t === 'ping') return send(ws, { t: 'pong', n: frame.n });
      if (frame.t === 'register') {
        peer = frame.peer;
        this.#nodes.set(peer, ws);
        this.#controls.set(peer, socket);
        const registration = {
          relay: this.id,
          peer,
          relayNonce,
          nodeNonce: frame.nonce,
          time: frame.time,
          listen: frame.listen,
        };
        const key = this.tricks.forge === true ? this.#other : this.#key;
        send(ws, { t: 'registered', sig: sign(null, transcript('registered', registration), key) });
      }
      if (frame.t === 'dial') this.#dial(ws, peer, frame.n, frame.to, send);
    });
    send(ws, { t: 'challenge', v: [1], relay: this.id, nonce: relayNonce, time: Date.now() });
  }

  #dial(
    ws: WebSocket,
    from: string,
    n: number,
    to: string,
    send: (to: WebSocket | undefined, frame: object) => void,
  ): void {
    this.dials++;
    const { lead, name, answer } = this.tricks;
    const target = lead === undefined ? to : lead(from, to);
    if (target === undefined || (!this.#nodes.has(target) && answer === undefined))
      return send(ws, { t: 'undialled', n, error: { code: 'peer_not_registered', message: 'Not here.' } });
    const meeting = {};
    const [near, far] = [randomBytes(TOKEN_BYTES), randomBytes(TOKEN_BYTES)];
    this.#meetings.set(near.toString('base64url'), { meeting, side: 'there' });
    this.#meetings.set(far.toString('base64url'), { meeting, side: 'back' });
    if (answer === undefined)
      send(this.#nodes.get(target), { t: 'incoming', token: far, from: name?.(from) ?? from });
    send(ws, { t: 'dialled', n, token: near });
  }

  /** Calls a node so often, each time in the name of whoever that asks for, and does not come itself. */
  call(peer: string, times: number, from: () => string): void {
    for (let n = 0; n < times; n++) {
      const token = randomBytes(TOKEN_BYTES);
      this.#meetings.set(token.toString('base64url'), { meeting: {}, side: 'back' });
      this.#nodes.get(peer)?.send(pack({ t: 'incoming', token, from: from() }));
    }
  }

  /** Those that came for calls, and wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Asks as fast as it can and reads no answer, until the node has had enough. */
  async pester(peer: string): Promise<void> {
    const socket = this.#controls.get(peer);
    if (socket === undefined) throw new Error('not registered');
    socket.pause();
    const ping = pack({ t: 'ping', n: 1 });
    const many = Buffer.concat(
      Array.from({ length: 1_000 }, () => [Buffer.of(0x82, ping.length), ping]).flat(),
    );
    const told = (event: string) => new Promise((resolve) => socket.once(event, resolve));
    const gone = told('close');
    while (!socket.destroyed) if (!socket.write(many)) await Promise.race([told('drain'), gone]);
  }

  #sayYes(request: IncomingMessage, socket: Socket): void {
    const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}${guid}`)
      .digest('base64');
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Connection: Upgrade',
      'Upgrade: websocket',
      `Sec-WebSocket-Accept: ${accept}`,
      `Sec-WebSocket-Protocol: ${SPLICE_PROTOCOL}`,
    ];
    const yes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
    socket.write(Buffer.concat([yes, this.tricks.behindYes ?? Buffer.alloc(0)]));
  }

  #data(request: IncomingMessage, socket: Socket): void {
    if (this.tricks.behindYes !== undefined) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    const found = this.#meetings.get(request.headers.authorization?.slice('Skein '.length) ?? '');
    if (found === undefined) return void socket.destroy();
    const accept = (to: Socket) =>
      to.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${SPLICE_PROTOCOL}\r\n\r\n`,
      );
    if (this.tricks.answer !== undefined) {
      accept(socket);
      return this.tricks.answer(socket);
    }
    const other = this.#waiting.get(found.meeting);
    if (other === undefined) return void this.#waiting.set(found.meeting, { socket, side: found.side });
    this.#waiting.delete(found.meeting);
    accept(socket);
    accept(other.socket);
    this.#pass(socket, other.socket, found.side);
    this.#pass(other.socket, socket, other.side);
  }

  #pass(from: Socket, to: Socket, direction: 'there' | 'back'): void {
    let n = 0;
    from.on('data', (chunk: Buffer) => {
      const parts =
        this.tricks.spoil === undefined ? [chunk] : (this.tricks.spoil(chunk, direction, n++) ?? []);
      for (const part of parts) if (to.writable) to.write(part);
    });
    from.on('close', () => to.destroy());
  }
}
