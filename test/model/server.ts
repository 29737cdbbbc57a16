/**
 * The scripted model as an HTTP server on loopback: routes requests, plays the frames of each reply, keeps no
 * conversation. What to say stands in the prompt (marker.ts); what API to say it in, in the path (route.ts).
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api, Request } from './api/api.ts';
import { CHARACTERS_PER_TOKEN, type Encoder, framesOf, Gatherer } from './frames.ts';
import { Gates } from './gates.ts';
import { type Json, object, string } from './json.ts';
import { nextReply } from './plan.ts';
import { type Route, routeOf } from './route.ts';

/** Bytes of a request: a prompt of 5 MB, escaped, sent again with all that came of it. */
const MAX_BODY = 64 * 1024 * 1024;

/** One request for a reply, as it was understood. */
interface Asked extends Request {
  api: string;
}

export interface ScriptedModel {
  /** `http://127.0.0.1:PORT`, without /v1. */
  url: string;
  /** The requests for replies, in the order they came. */
  asked: readonly Asked[];
  /** Opens a gate for those who wait at it and all who come. */
  release(gate: string): void;
  /** Resolves when a reply waits at the gate. */
  held(gate: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startModel(port = 0): Promise<ScriptedModel> {
  const asked: Asked[] = [];
  const gates = new Gates();
  const server = createServer((request, response) => {
    const client = new AbortController();
    response.once('close', () => client.abort());
    handle(request, response, client.signal).catch((error: unknown) => {
      // The client went away; nobody is left to be told.
      if (!client.signal.aborted) response.destroy(error instanceof Error ? error : undefined);
    });
  });

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    const route = routeOf(request.method ?? '', path);
    const text = await bodyOf(request);
    if (text === undefined) return sendJson(response, 413, { error: { message: 'too long' } });
    if (route.route === 'release') {
      gates.release(route.gate);
      return sendJson(response, 200, {});
    }
    if (route.route === 'models') return sendJson(response, 200, MODELS);
    if (route.route === 'unknown')
      return sendJson(response, 404, { error: { message: `no such path: ${path}` } });
    const body = parse(text);
    if (body === undefined)
      return sendJson(response, 400, route.api.failure(400, 'the body is no JSON object'));
    const inputTokens = Math.ceil(text.length / CHARACTERS_PER_TOKEN);
    if (route.route === 'count') {
      return sendJson(response, 200, { input_tokens: inputTokens, totalTokens: inputTokens });
    }
    const understood = read(route, body, inputTokens);
    asked.push({ ...understood, api: route.api.name });
    await (understood.stream ? stream : give)(route.api, understood, response, gone);
  }

  async function stream(
    api: Api,
    request: Request,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    const played = await play(api, request, api.encoder(request), response, gone, async (text) => {
      if (!response.headersSent) {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      }
      if (!response.write(text)) await once(response, 'drain', { signal: gone });
    });
    if (played) response.end();
  }

  async function give(
    api: Api,
    request: Request,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    const gatherer = new Gatherer();
    const played = await play(api, request, gatherer, response, gone, async () => {});
    if (!played) return;
    if (gatherer.failure === undefined) sendJson(response, 200, api.whole(gatherer.whole, request));
    else sendJson(response, 500, api.failure(500, gatherer.failure));
  }

  /** @returns whether the reply came to its end */
  async function play(
    api: Api,
    request: Request,
    encoder: Encoder,
    response: ServerResponse,
    gone: AbortSignal,
    send: (text: string) => Promise<void>,
  ): Promise<boolean> {
    for (const frame of framesOf(nextReply(request.conversation), encoder, request.inputTokens)) {
      switch (frame.frame) {
        case 'send':
          if (frame.text !== '') await send(frame.text);
          break;
        case 'sleep':
          await sleep(frame.ms, undefined, { signal: gone });
          break;
        case 'hold':
          await gates.pass(frame.gate, gone);
          break;
        case 'status':
          sendJson(response, frame.status, api.failure(frame.status, frame.message));
          return false;
        case 'cut':
          response.destroy();
          return false;
      }
    }
    return true;
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    release: (gate) => gates.release(gate),
    held: (gate) => gates.held(gate),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** For those who list models: one name in the shape of each API. */
const MODELS: Json = {
  object: 'list',
  data: [{ id: 'scripted', type: 'model', object: 'model', display_name: 'Scripted', created: 0 }],
  models: [
    { name: 'models/scripted', displayName: 'Scripted', supportedGenerationMethods: ['generateContent'] },
  ],
  has_more: false,
};

function read(route: Extract<Route, { route: 'reply' }>, body: Json, inputTokens: number): Request {
  const request = route.api.read(body);
  return {
    ...request,
    stream: route.stream ?? request.stream,
    model: route.model ?? (string(body.model) || 'scripted'),
    inputTokens,
  };
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value === null || typeof value !== 'object' || Array.isArray(value) ? undefined : object(value);
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size > MAX_BODY ? undefined : Buffer.concat(chunks).toString();
}

function sendJson(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
