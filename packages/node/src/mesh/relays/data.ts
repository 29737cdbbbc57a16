/** The node's end of a splice: an HTTP Upgrade, or a WebSocket where something on the way does not let that through. */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { type RelayAddress, relayUrl } from '@skein/protocol/relay/address';
import { SPLICE_PROTOCOL, TOKEN_SCHEME } from '@skein/protocol/relay/frames';
import { SPLICE_MESSAGE } from '@skein/protocol/relay/limits';
import WebSocket from 'ws';
import { lookupHost } from '../host-names.ts';
import { rawWire, type Wire, webSocketWire } from './wires.ts';

/** Bytes of a refusal that are read. */
const REFUSAL_MAX = 4096;

/** What a relay answers itself; anything else comes from something in between. */
const RELAY_ANSWERS = [401, 403, 429, 503, 504];

/** Opens one end of a splice with its token; resolves when the other end is there. Throws what the relay says, or `peer_lost`. */
export async function openWire(
  address: RelayAddress,
  token: Uint8Array,
  options: { signal: AbortSignal; webSocket: boolean },
): Promise<{ wire: Wire; webSocket: boolean }> {
  const authorization = `${TOKEN_SCHEME}${Buffer.from(token).toString('base64url')}`;
  if (!options.webSocket) {
    const raw = await openRaw(address, authorization, options.signal);
    if (raw !== 'not passed') return { wire: raw, webSocket: false };
  }
  return { wire: await openWebSocket(address, authorization, options.signal), webSocket: true };
}

function openRaw(
  address: RelayAddress,
  authorization: string,
  signal: AbortSignal,
): Promise<Wire | 'not passed'> {
  return new Promise((resolve, reject) => {
    const request = (address.secure ? https : http).request({
      host: address.host,
      port: address.port,
      path: `${address.path}/data`,
      headers: { Connection: 'Upgrade', Upgrade: SPLICE_PROTOCOL, Authorization: authorization },
      // A connection of its own: it does not come back.
      agent: false,
      lookup: lookupHost,
    });
    // Not given to the request: it would end the wire as well, long after.
    const abort = () => request.destroy(new Error('no longer wanted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    request.on('close', () => signal.removeEventListener('abort', abort));
    request.on('socket', (socket) => socket.setNoDelay(true));
    request.on('error', (error) => reject(lost(address, error)));
    request.on('upgrade', (response: IncomingMessage, socket: Socket, head: Buffer) => {
      signal.removeEventListener('abort', abort);
      if (response.headers.upgrade?.toLowerCase() === SPLICE_PROTOCOL) return resolve(rawWire(socket, head));
      socket.destroy();
      resolve('not passed');
    });
    request.on('response', (response) => {
      refusal(response).then((error) => {
        request.destroy();
        if (error !== undefined) reject(error);
        else resolve('not passed');
      });
    });
    request.end();
  });
}

function openWebSocket(address: RelayAddress, authorization: string, signal: AbortSignal): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(relayUrl(address, 'data-ws'), SPLICE_PROTOCOL, {
      headers: { Authorization: authorization },
      maxPayload: SPLICE_MESSAGE,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      lookup: lookupHost,
    });
    const abort = () => ws.terminate();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const done = () => signal.removeEventListener('abort', abort);
    ws.once('open', () => {
      done();
      resolve(webSocketWire(ws));
    });
    ws.once('unexpected-response', (_request, response) => {
      refusal(response).then((error) => {
        done();
        ws.terminate();
        reject(error ?? lost(address, new Error(`it answered ${response.statusCode}`)));
      });
    });
    // For good: what comes right behind the answer may be no frame at all.
    ws.on('error', (error) => {
      done();
      reject(lost(address, error));
    });
  });
}

/** What the relay says in a refusal; undefined when it is not the relay that answers. */
async function refusal(response: IncomingMessage): Promise<SkeinError | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += (chunk as Buffer).length;
      if (size > REFUSAL_MAX) return undefined;
      chunks.push(chunk as Buffer);
    }
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const error = (body as { error?: Partial<ErrorBody> } | null)?.error;
    if (typeof error?.code !== 'string' || typeof error.message !== 'string') return undefined;
    if (!RELAY_ANSWERS.includes(response.statusCode ?? 0)) return undefined;
    return SkeinError.fromBody({ code: error.code, message: error.message.slice(0, 1000) });
  } catch {
    return undefined;
  }
}

function lost(address: RelayAddress, error: Error): SkeinError {
  return new SkeinError('peer_lost', `The relay ${address.url} could not be used: ${error.message}.`);
}
