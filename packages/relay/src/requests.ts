/** What can be asked of the relay by HTTP: health, metrics, and the three kinds of upgrade (see the protocol's relay/frames.ts). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SkeinError } from '@skein/protocol/errors';
import { SPLICE_PROTOCOL, TOKEN_PROTOCOL, TOKEN_SCHEME } from '@skein/protocol/relay/frames';
import { CONTROL_FRAME, SPLICE_MESSAGE, TOKEN_BYTES } from '@skein/protocol/relay/limits';
import type { Registry } from 'prom-client';
import { WebSocketServer } from 'ws';
import { type Arrival, RawArrival, WsArrival } from './arrivals.ts';
import { Control, type ControlContext } from './control.ts';
import type { Upgrade } from './door.ts';
import { answer, plainResponse, refuseUpgrade } from './http-answers.ts';
import type { Meetings } from './meetings.ts';
import type { Newcomers } from './newcomers.ts';
import type { Stats } from './stats.ts';

const WEBSOCKET_KEY = /^[+/0-9A-Za-z]{22}==$/;
/** Pieces in which one message may come: each costs more memory than its bytes, so that dribbled ones would add up. */
const PIECES = { maxFragments: 64, maxBufferedChunks: 1024 };
/** Milliseconds that the far side has to answer a close. */
const CLOSE_MS = 5_000;
const WS_OPTIONS = {
  ...{ noServer: true, clientTracking: false, perMessageDeflate: false, skipUTF8Validation: true },
  ...PIECES,
  closeTimeout: CLOSE_MS,
};

interface RequestsOptions {
  nodes: ControlContext;
  meetings: Meetings;
  newcomers: Newcomers;
  stats: Stats;
  metrics: Registry;
  /** Whether it is about to stop. */
  leaving(): boolean;
}

export class Requests {
  readonly #options: RequestsOptions;
  readonly #control = new WebSocketServer({ ...WS_OPTIONS, maxPayload: CONTROL_FRAME });
  readonly #splice = new WebSocketServer({
    ...WS_OPTIONS,
    maxPayload: SPLICE_MESSAGE,
    handleProtocols: (offered) => (offered.has(SPLICE_PROTOCOL) ? SPLICE_PROTOCOL : false),
  });

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  request(path: string, request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(response, 405, new SkeinError('bad_request', 'Only GET is understood here.'));
    // Metrics only here: a proxy that keeps these to itself names the one path.
    if (lastOf(path) === 'healthz') return this.#health(response);
    if (path === '/metrics') return void this.#metrics(response);
    if (doorOf(path) !== undefined)
      return answer(
        response,
        426,
        new SkeinError('bad_request', 'This is a Skein relay: it speaks WebSocket here.'),
      );
    answer(response, 404, new SkeinError('not_found', 'There is nothing here.'));
  }

  upgrade(path: string, upgrade: Upgrade): void {
    const door = doorOf(path);
    const { request, socket, head } = upgrade;
    const kind = request.headers.upgrade?.toLowerCase();
    const wanted = door === 'data' ? SPLICE_PROTOCOL : 'websocket';
    // Some clients offer HTTP/2 with whatever they ask.
    if (door === undefined) return this.request(path, request, plainResponse(request, socket));
    if (kind !== wanted || request.method !== 'GET' || (wanted === 'websocket' && !isHandshake(request))) {
      const error = new SkeinError('bad_request', `Upgrade to ${wanted} here.`);
      return this.#refuse(upgrade, 426, error);
    }
    if (door === 'control')
      return this.#control.handleUpgrade(request, socket, head, (ws) => {
        new Control(ws, upgrade.newcomer, this.#options.nodes);
      });
    if (head.length > 0)
      return this.#refuse(
        upgrade,
        400,
        new SkeinError('bad_frame', 'Nothing may be sent before the answer.'),
      );
    this.#data(upgrade, door === 'data');
  }

  #data(upgrade: Upgrade, raw: boolean): void {
    const { meetings, newcomers } = this.#options;
    const { request, socket, newcomer } = upgrade;
    const token = tokenOf(request);
    const arrive = (): Arrival =>
      raw ? new RawArrival(socket) : new WsArrival(request, socket, this.#splice);
    const known = token !== undefined && meetings.present(token, arrive);
    if (known) return newcomers.settle(newcomer);
    const error = new SkeinError(
      'token_invalid',
      'This token is not known: used, too late, or another relay’s.',
    );
    this.#refuse(upgrade, 401, error);
  }

  #health(response: ServerResponse): void {
    if (this.#options.leaving())
      return answer(response, 503, new SkeinError('relay_leaving', 'This relay is about to stop.'));
    answer(response, 200, `${JSON.stringify({ ok: true })}\n`);
  }

  async #metrics(response: ServerResponse): Promise<void> {
    const { metrics } = this.#options;
    answer(response, 200, await metrics.metrics(), metrics.contentType);
  }

  #refuse({ socket }: Upgrade, status: number, error: SkeinError): void {
    this.#options.stats.turnedAway.add(error.code);
    refuseUpgrade(socket, status, error);
  }
}

/** By the last segment, so that a proxy may put the relay below any path. */
function doorOf(path: string): 'control' | 'data' | 'data-ws' | undefined {
  const last = lastOf(path);
  return last === 'control' || last === 'data' || last === 'data-ws' ? last : undefined;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What ws will ask for when the other end is there: refused now, while there is nobody to disappoint. */
function isHandshake({ headers }: IncomingMessage): boolean {
  return WEBSOCKET_KEY.test(headers['sec-websocket-key'] ?? '') && headers['sec-websocket-version'] === '13';
}

/** From the header, or for browsers from the subprotocols that are offered. */
function tokenOf({ headers }: IncomingMessage): Uint8Array | undefined {
  const { authorization, 'sec-websocket-protocol': offered } = headers;
  const text = authorization?.startsWith(TOKEN_SCHEME)
    ? authorization.slice(TOKEN_SCHEME.length)
    : offered
        ?.split(',')
        .map((word) => word.trim())
        .find((word) => word.startsWith(TOKEN_PROTOCOL))
        ?.slice(TOKEN_PROTOCOL.length);
  if (text === undefined || !/^[\w-]{22}$/.test(text)) return undefined;
  const token = Buffer.from(text, 'base64url');
  return token.length === TOKEN_BYTES ? token : undefined;
}
