/** A node as the relay sees it, for tests and measurements: registers, dials, is dialled, opens data connections. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { connect, type Socket } from 'node:net';
import { pack, unpack } from '@skein/protocol/light-codec';
import { parseRelayAddress, relayUrl } from '@skein/protocol/relay/address';
import {
  type FromRelay,
  fromRelay,
  SPLICE_PROTOCOL,
  TOKEN_PROTOCOL,
  type ToRelay,
} from '@skein/protocol/relay/frames';
import { transcript } from '@skein/protocol/relay/transcript';
import WebSocket from 'ws';
import type { RelayIdentity } from '../identity.ts';
import { verifies } from '../identity.ts';
import { Inbox } from './inbox.ts';
import { newIdentity } from './keys.ts';

export type Frame<T extends FromRelay['t']> = Extract<FromRelay, { t: T }>;
export type Register = Extract<ToRelay, { t: 'register' }>;

export interface ClientOptions {
  identity?: RelayIdentity;
  listen?: boolean;
  admission?: string;
  headers?: Record<string, string>;
  /** Trusts this certificate. */
  ca?: string;
  /** Bends the registration before it is sent. */
  bend?: (frame: Register, challenge: Frame<'challenge'>) => Register;
}

export class TestClient {
  readonly identity: RelayIdentity;
  readonly url: string;
  readonly inbox = new Inbox<FromRelay>();
  readonly socket: WebSocket;
  /** Resolves with the code of the close. */
  readonly closed: Promise<number>;
  readonly #options: ClientOptions;
  #n = 0;

  constructor(address: string, options: ClientOptions = {}) {
    this.#options = options;
    this.identity = options.identity ?? newIdentity();
    this.url = parseRelayAddress(address).url;
    this.socket = new WebSocket(relayUrl(this, 'control'), this.#wsOptions());
    this.socket.on('message', (data: Uint8Array) => this.inbox.put(fromRelay(unpack(data), '')));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code) => {
        this.inbox.close();
        resolve(code);
      });
    });
  }

  get id(): string {
    return this.identity.id;
  }

  /** Registers; rejects with the frame's code when refused, or when the relay's own signature does not hold. */
  static async register(address: string, options: ClientOptions = {}): Promise<TestClient> {
    const client = new TestClient(address, options);
    await client.register();
    return client;
  }

  async register(): Promise<void> {
    const { bend, admission, listen = true } = this.#options;
    const challenge = await this.inbox.take('challenge');
    const nodeNonce = randomBytes(32);
    const time = Date.now();
    const signed = {
      relay: challenge.relay,
      peer: this.id,
      relayNonce: challenge.nonce,
      nodeNonce,
      time,
      listen,
    };
    const sig = this.identity.sign(transcript('register', signed));
    const frame: Register = { t: 'register', v: 1, peer: this.id, nonce: nodeNonce, time, listen, sig };
    if (admission !== undefined) frame.admission = admission;
    this.send(bend === undefined ? frame : bend(frame, challenge));
    const answer = await this.inbox.take('registered', 'refused');
    if (answer.t === 'refused') throw new Error(answer.error.code);
    if (!verifies(challenge.relay, transcript('registered', signed), answer.sig))
      throw new Error('not the relay');
  }

  send(frame: ToRelay): void {
    this.socket.send(pack(frame));
  }

  /** The dialer's token; rejects with the code of the refusal. */
  async dial(to: string): Promise<Uint8Array> {
    const n = ++this.#n;
    this.send({ t: 'dial', n, to });
    const answer = await this.inbox.take('dialled', 'undialled');
    if (answer.t === 'undialled') throw new Error(answer.error.code);
    return answer.token;
  }

  /** A bare data connection; rejects with the status and code of the refusal. */
  open(token: Uint8Array): Promise<Socket> {
    const headers = {
      connection: 'Upgrade',
      upgrade: SPLICE_PROTOCOL,
      authorization: `Skein ${base64url(token)}`,
      ...this.#options.headers,
    };
    return upgrade(`${this.url.replace(/^ws/, 'http')}/data`, headers, this.#options.ca);
  }

  /** The same as a WebSocket, with the token where a browser can put it. */
  openWs(token: Uint8Array): Promise<WebSocket> {
    const offered = [SPLICE_PROTOCOL, `${TOKEN_PROTOCOL}${base64url(token)}`];
    const socket = new WebSocket(relayUrl(this, 'data-ws'), offered, this.#wsOptions());
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket));
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) =>
        reject(new Error(String(response.statusCode))),
      );
    });
  }

  close(): void {
    this.socket.terminate();
  }

  #wsOptions(): WebSocket.ClientOptions {
    const { headers, ca } = this.#options;
    return { perMessageDeflate: false, ...(headers && { headers }), ...(ca && { ca }) };
  }
}

const base64url = (token: Uint8Array) => Buffer.from(token).toString('base64url');

/** Resolves with the socket after 101; rejects with an error whose message is `<status> <code>`. */
export function upgrade(url: string, headers: http.OutgoingHttpHeaders, ca?: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = requestOf(url, { headers, ...(ca && { ca }) });
    request.once('upgrade', (_response, socket: Socket, head) => {
      socket.on('error', () => {});
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.once('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      reject(new Error(`${response.statusCode} ${JSON.parse(text).error.code}`));
    });
    request.once('error', reject);
    request.end();
  });
}

function requestOf(url: string, options: http.RequestOptions & { ca?: string }): http.ClientRequest {
  if (url.startsWith('https:')) return https.request(url, { ...options, agent: false });
  const { hostname, port } = new URL(url);
  const createConnection = () => connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  // Without an agent, which would make the connection itself.
  return http.request(url, { ...options, createConnection });
}
