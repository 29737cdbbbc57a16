/** Speaks to hosts without a node, where none can start: what they hold can be ended though the disk is full (rule H4). */
import type { HostedRunInfo } from '@skein/node/host/control';
import { HostLink } from '@skein/node/hosts/link';
import { hostKey, hostSocket } from '@skein/node/hosts/records';
import { liveHosts } from './hosts-on-disk.ts';

/** Milliseconds for programs that were killed to be gone. */
const GONE_MS = 10_000;
/** Milliseconds between two looks. */
const LOOK_MS = 20;

/** How many programs run in the hosts of a home, so far as these answer; `undefined` where one does not. */
export async function runningIn(home: string): Promise<number | undefined> {
  const counts = await Promise.all(liveHosts(home).map(({ id }) => withHost(home, id, running)));
  if (counts.includes(undefined)) return undefined;
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/**
 * Has every host end what it holds, and waits for that; returns how many programs it was. How they ended their hosts keep, and
 * live until there is room to write it. Only where no node has the home: it would be cut off from its hosts.
 */
export async function endHeld(home: string): Promise<number> {
  const ended = await Promise.all(
    liveHosts(home).map(({ id }) =>
      withHost(home, id, async (link) => {
        const many = await running(link);
        await link.request('shutdown', {});
        for (const deadline = Date.now() + GONE_MS; Date.now() < deadline; ) {
          // Once it has written all, it ends.
          if ((await running(link).catch(() => 0)) === 0) return many;
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        }
        return 0;
      }),
    ),
  );
  return ended.reduce<number>((sum, many) => sum + (many ?? 0), 0);
}

async function running(link: HostLink): Promise<number> {
  const { runs }: { runs: HostedRunInfo[] } = await link.request('list', {});
  return runs.filter(({ exit }) => exit === null).length;
}

async function withHost<T>(home: string, id: string, act: (link: HostLink) => Promise<T>) {
  try {
    const events = { event: () => {}, closed: () => {} };
    const link = await HostLink.open(hostSocket(home, id), hostKey(home, id), events);
    return await act(link).finally(() => link.close());
  } catch {
    // Stopped, or gone since.
    return undefined;
  }
}
