/** JSON-RPC 2.0, one message a line, as two of the protocols speak it: telling messages apart, asking, answering. */
import * as z from 'zod';
import { cut } from './bounds.ts';
import type { Draft } from './draft.ts';
import type { Message } from './make.ts';
import type { BaseState, OpenRequest } from './state.ts';

const id = z.union([z.string(), z.number()]);
const error = z.looseObject({ code: z.number().catch(0), message: z.string().catch('it does not say why') });
/** What has no method. */
const message = z.union([z.looseObject({ id, error }), z.looseObject({ id, result: z.unknown() })]);

export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const REQUEST_CANCELLED = -32800;

export type Failure = z.infer<typeof error>;
export type Told =
  | { type: 'request'; id: string | number; method: string; params: unknown }
  | { type: 'notification'; method: string; params: unknown }
  | { type: 'result'; id: string | number; result: unknown }
  | { type: 'failure'; id: string | number; error: Failure };

/** What a message is; undefined when it is not JSON-RPC. */
export function told(from: Message): Told | undefined {
  const { method, params } = from;
  // By hand: nearly all that agents send are notifications, thousands in a turn.
  if (typeof method === 'string') {
    const about = from.id ?? null;
    if (about === null) return { type: 'notification', method, params };
    if (typeof about !== 'string' && typeof about !== 'number') return undefined;
    return { type: 'request', id: about, method, params };
  }
  const parsed = message.safeParse(from);
  if (!parsed.success) return undefined;
  const { id: about, error: failed, result } = parsed.data as Record<string, unknown>;
  return failed === undefined
    ? { type: 'result', id: about as string | number, result }
    : { type: 'failure', id: about as string | number, error: failed as Failure };
}

/** One end of the conversation. `version` is what stands in each message; one of the protocols leaves it out. */
export class Rpc<S extends BaseState> {
  readonly #head: { jsonrpc?: '2.0' };

  constructor(version?: '2.0') {
    this.#head = version === undefined ? {} : { jsonrpc: version };
  }

  /** Asks the agent; false when too much is unanswered already. `value` is kept with the request. */
  request(d: Draft<S>, method: string, params: unknown, value?: string): boolean {
    const request: OpenRequest = { id: d.nextRequest(), what: method };
    if (value !== undefined) request.value = cut(value, 256);
    if (!d.expect(request)) return false;
    d.write({ ...this.#head, id: request.id, method, params });
    return true;
  }

  notify(d: Draft<S>, method: string, params?: unknown): void {
    d.write({ ...this.#head, method, ...(params === undefined ? {} : { params }) });
  }

  respond(d: Draft<S>, to: string | number, result: unknown): void {
    d.write({ ...this.#head, id: to, result });
  }

  respondError(d: Draft<S>, to: string | number, code: number, text: string): void {
    d.write({ ...this.#head, id: to, error: { code, message: text } });
  }
}
