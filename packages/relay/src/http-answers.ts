/** Answers of plain HTTP, typed like every refusal: `{"error": {"code", "message"}}` (rule K5). */
import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SkeinError } from '@skein/protocol/errors';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers a request that asked for an upgrade, and closes. */
export function refuseUpgrade(socket: Duplex, status: number, error: SkeinError): void {
  // It is answered, not listened to: what it still sends is thrown away until it has gone.
  socket.on('data', () => {}).on('end', () => socket.destroy());
  if (!socket.writable) return void socket.destroy();
  const body = bodyOf(error);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: ${JSON_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

/** What answers a request that also asked for an upgrade as if it had not, which any server may do (RFC 9110, 7.8); closes. */
export function plainResponse(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  socket.on('data', () => {}).on('end', () => socket.destroy());
  // Made for a net.Socket; of one over TLS it uses no more than a Duplex has.
  response.assignSocket(socket as Socket);
  return response.once('finish', () => socket.end(() => socket.destroy()));
}

export function answer(
  response: ServerResponse,
  status: number,
  body: SkeinError | string,
  type?: string,
): void {
  const text = typeof body === 'string' ? body : bodyOf(body);
  response.shouldKeepAlive = false;
  response.writeHead(status, { 'content-type': type ?? JSON_TYPE, 'cache-control': 'no-store' }).end(text);
}

function bodyOf(error: SkeinError): string {
  return `${JSON.stringify({ error: error.toBody() })}\n`;
}
