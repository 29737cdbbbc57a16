/** What the node adds to the removal of a session (rule L8): whether there is a record of it, though it is listed no more. */
import type { Command, KernelApi } from '../kernel/types.ts';

export interface RemovalFacts {
  recorded: boolean;
}

/** Undefined for any other command. */
export function removalFacts(
  kernel: Pick<KernelApi, 'head'>,
  { target, type, body }: Command,
): RemovalFacts | undefined {
  if (target !== 'node' || type !== 'session.remove') return undefined;
  const { id } = (body ?? {}) as { id?: unknown };
  return { recorded: typeof id === 'string' && kernel.head(`session/${id}`) !== undefined };
}
