/** Peers that send malformed frames to a relay, each on a connection of its own, and see what comes back. */
import { connect } from 'node:net';
import { ERROR_CODES } from '@skein/protocol/errors';
import { pack } from '@skein/protocol/light-codec';
import { peerIdOf } from '@skein/protocol/relay/peer-id';
import { TestClient } from '@skein/relay/testing/client';
import { newIdentity } from '@skein/relay/testing/keys';
import { within } from '../support/processes.ts';
import type { Random } from '../support/random.ts';
import { malformedMessage } from './malformed.ts';

/** Milliseconds for a connection to be answered or closed. */
const ANSWER_MS = 8_000;

const PEER = peerIdOf(new Uint8Array(32).fill(7));
/** One of each kind that a node sends. */
const FRAMES: readonly object[] = [
  {
    t: 'register',
    v: 1,
    peer: PEER,
    nonce: new Uint8Array(32),
    time: Date.now(),
    listen: true,
    sig: new Uint8Array(64),
    admission: 'x'.repeat(40),
  },
  { t: 'dial', n: 1, to: PEER },
  { t: 'decline', token: new Uint8Array(16) },
  { t: 'ping', n: 1 },
];

/** Strangers never use theirs, so that one serves them all: making a key for each would measure that. */
const STRANGER = newIdentity();

/** A malformed message on control, before registering or after: refused with a typed error and closed, or harmless. */
export async function badControl(url: string, random: Random): Promise<string[]> {
  const member = random.chance(0.4);
  const client = new TestClient(url, { identity: member ? newIdentity() : STRANGER });
  const sent = malformedMessage(random, FRAMES);
  const where = `on control, ${member ? 'registered' : 'a stranger'}, ${describe(sent)}`;
  try {
    if (member) await client.register();
    else await within(ANSWER_MS, `the challenge: ${where}`, client.inbox.take('challenge'));
    client.socket.send(sent);
    // Tells that what came before was dealt with; a stranger's is refused in any case.
    client.socket.send(pack({ t: 'ping', n: 7 }));
    const refused = client.inbox.take('refused').then(
      ({ error }) => error,
      () => undefined,
    );
    const answer = member
      ? await within(
          ANSWER_MS,
          where,
          Promise.race([client.inbox.take('pong'), refused]).catch(() => refused),
        )
      : await within(ANSWER_MS, where, refused);
    if (answer !== undefined && 't' in answer) return [];
    const code = await within(ANSWER_MS, `closing: ${where}`, client.closed);
    // A message past the limit is refused by its length alone, with WebSocket's own code.
    if (answer === undefined)
      return code === 1009 || code === 1008 ? [] : [`${where}: closed with ${code}, unexplained`];
    return judge(where, answer);
  } catch (error) {
    return [`${where}: ${(error as Error).message}`];
  } finally {
    client.close();
  }
}

/** Bytes that are no request, requests for a splice that are wrong, and floods before an answer: closed. */
export async function badData(port: number, random: Random): Promise<string[]> {
  const token = Buffer.from(random.bytes(16)).toString('base64url');
  const request = (upgrade: string, ...more: string[]) =>
    `GET /${random.pick(['data', 'data-ws', 'control'])} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n${more.map((line) => `${line}\r\n`).join('')}\r\n`;
  const key = `Sec-WebSocket-Key: ${Buffer.from(random.bytes(16)).toString('base64')}`;
  const ws = [key, 'Sec-WebSocket-Version: 13'];
  const pieces: (string | Uint8Array)[] = [
    random.bytes(random.int(1, 500)),
    request('skein-splice', `Authorization: Skein ${token}`),
    request('skein-splice', `Authorization: Skein ${token.slice(random.int(0, 21))}`),
    request('skein-splice', 'Authorization: Basic eDp5'),
    request('websocket', ...ws, `Sec-WebSocket-Protocol: skein-splice, skein-token.${token}`),
    request('websocket', key, 'Sec-WebSocket-Version: 9'),
    request(random.pick(['h2c', 'TLS/1.0', 'skein-splice, websocket'])),
    Buffer.concat([Buffer.from(request('websocket', ...ws)), random.bytes(200), Buffer.of(0xff, 0xff)]),
    Buffer.concat([
      Buffer.from(request('skein-splice', `Authorization: Skein ${token}`)),
      Buffer.alloc(200_000),
    ]),
    `GET /healthz HTTP/1.1\r\nx: ${'y'.repeat(100_000)}`,
    `POST /control HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000000\r\n\r\n${'z'.repeat(50_000)}`,
    'GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n',
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), random.bytes(100)]),
    Buffer.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, ...random.bytes(100)),
  ];
  const bytes = random.pick(pieces);
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const where = `on data, ${describe(bytes)}`;
  // What was cut short is closed by its sender's end.
  socket.end(bytes);
  try {
    await within(ANSWER_MS, `closing: ${where}`, closed);
    const body = /\{"error".*\}/.exec(text)?.[0];
    return body === undefined ? [] : judge(where, JSON.parse(body).error);
  } catch (error) {
    return [(error as Error).message];
  } finally {
    socket.destroy();
  }
}

function judge(where: string, error: { code: string; message: string }): string[] {
  if (!(error.code in ERROR_CODES)) return [`${where}: the code ${error.code} is unknown`];
  return error.code === 'internal' ? [`${where}: an accident: ${error.message}`] : [];
}

function describe(sent: Uint8Array | string): string {
  const bytes = Buffer.from(sent as string);
  return `${bytes.length} bytes ${bytes.subarray(0, 48).toString('hex')}`;
}
