/** JSON-RPC over a wire, as Codex and ACP speak it: requests with their answers, and what the agent asks in turn. */
import { type Json, object, string } from '../model/json.ts';
import type { Wire } from './wire.ts';

/** "There is no such method", for requests that no specification has. */
const NO_METHOD = -32_601;

export class Rpc {
  private requests = 0;
  private readonly wire: Wire;
  /** Codex leaves the version out. */
  private readonly head: Json;

  constructor(wire: Wire, head: Json) {
    this.wire = wire;
    this.head = head;
  }

  notify(method: string, params: Json): void {
    this.wire.send({ ...this.head, method, params });
  }

  /** Sends a request and does not wait. @returns its id */
  ask(method: string, params: Json): number {
    const id = this.requests++;
    this.wire.send({ ...this.head, id, method, params });
    return id;
  }

  /** The result of a request; an error rejects. */
  answer(id: number): Promise<Json> {
    return this.wire
      .until(`the answer to request ${id}`, (frame) =>
        frame.id === id && frame.method === undefined ? frame : undefined,
      )
      .then((frame) => {
        if (frame.error !== undefined) throw new Error(JSON.stringify(frame.error));
        return object(frame.result);
      });
  }

  call(method: string, params: Json): Promise<Json> {
    return this.answer(this.ask(method, params));
  }

  respond(id: unknown, result: Json): void {
    this.wire.send({ ...this.head, id, result });
  }

  /** Refuses at once every request of the agent but those named. */
  refuseOthers(known: readonly string[]): void {
    this.wire.watch((frame) => {
      if (frame.id === undefined || frame.method === undefined) return;
      if (known.includes(string(frame.method))) return;
      const message = `no such method: ${string(frame.method)}`;
      this.wire.send({ ...this.head, id: frame.id, error: { code: NO_METHOD, message } });
    });
  }
}
