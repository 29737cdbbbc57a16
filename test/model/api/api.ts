/** What the server needs of each model API: reading a request, and writing the reply in the API's own words. */
import type { Encoder, Whole } from '../frames.ts';
import type { Json } from '../json.ts';
import type { Conversation } from '../plan.ts';

export interface Request {
  conversation: Conversation;
  model: string;
  stream: boolean;
  inputTokens: number;
}

export interface Api {
  name: string;
  read(body: Json): Omit<Request, 'inputTokens' | 'model'>;
  encoder(request: Request): Encoder;
  whole(reply: Whole, request: Request): Json;
  failure(status: number, message: string): Json;
}

/** One event of a stream; `name` for the APIs that name theirs. */
export function sse(data: unknown, name?: string): string {
  const head = name === undefined ? '' : `event: ${name}\n`;
  return `${head}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** New for each reply of a conversation, since every reply makes its history longer; the same for the same request. */
export function replyId(prefix: string, { conversation }: Request): string {
  return `${prefix}_scripted_${conversation.entries.filter(({ from }) => from !== 'tool').length}`;
}
