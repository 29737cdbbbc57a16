/** What the client's lanes have in common: how one is opened, fed and failed; and errors as they arrive on any of them. */
import type { ClientFrame, NodeFrame, WireError } from '../channel/frames.ts';
import { type ErrorCode, SkeinError } from '../errors.ts';

/** A lane's owner: what it does with its frames, and how it starts again on a new connection. */
export interface Lane {
  open(): ClientFrame;
  frame(frame: NodeFrame): void;
  failed(error: SkeinError): void;
}

export function wireError(error: WireError): SkeinError {
  const body = { code: error.code as ErrorCode, message: error.message };
  return SkeinError.fromBody(
    error.data === undefined ? body : { ...body, data: error.data as Record<string, unknown> },
  );
}
