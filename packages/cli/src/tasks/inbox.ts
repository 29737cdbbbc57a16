/** What waits for somebody, asked of this node and those that were joined, none of which is waited for long (rule N4). */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { InboxItem } from '@skein/protocol/tasks/asks';
import { joinedNodes } from '../agents/waiting-approvals.ts';
import { connectNode } from '../connect/node.ts';

/** `node` is null for this one. */
export type Waiting = InboxItem & { node: string | null };

export interface Gathered {
  items: Waiting[];
  /** Nodes that do not answer, and why. */
  away: { node: string; error: string }[];
}

/** Milliseconds in which another node answers. */
const LIMIT_MS = 5_000;

export async function gather(home: string, own: Client, here: boolean): Promise<Gathered> {
  const away: Gathered['away'] = [];
  const mine = own.ask('inbox', {}).then(({ items }) => at(items, null));
  const others = (here ? Promise.resolve([]) : joinedNodes(own)).then((nodes) =>
    Promise.all(
      nodes.map(async (node) => {
        try {
          return await within(async () =>
            at((await (await connectNode(home, { node })).ask('inbox', {})).items, node),
          );
        } catch (thrown) {
          away.push({ node, error: reasonOf(thrown) });
          return [];
        }
      }),
    ),
  );
  // Both at once: this node may refuse the one before it has answered the other.
  const items = (await Promise.all([mine, others])).flat(2);
  return { items: items.sort((a, b) => b.at - a.at), away };
}

export function at(items: readonly InboxItem[], node: string | null): Waiting[] {
  return items.map((one) => ({ ...one, node }));
}

export function reasonOf(thrown: unknown): string {
  const { code, message } = SkeinError.from(thrown);
  return code === 'unknown_command' ? 'Its node is of an earlier version, and has no inbox.' : message;
}

async function within<T>(act: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const error = new SkeinError('timeout', `It has not answered within ${LIMIT_MS / 1_000} s.`);
  const timer = setTimeout(() => late.reject(error), LIMIT_MS);
  try {
    return await Promise.race([act(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
