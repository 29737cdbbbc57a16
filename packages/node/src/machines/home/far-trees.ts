/** The trees of agents on other machines, over the connections that home has with these. */
import type { Client } from '@skein/protocol/client/client';
import type { FarPlace } from '@skein/protocol/machines/place';
import type { KernelApi } from '../../kernel/types.ts';
import type { AskFar } from '../../workspaces/trees/carry.ts';
import { BRING_TREE, type BringTree } from '../../workspaces/trees/far-work.ts';
import { Trees } from '../../workspaces/trees/trees.ts';
import { connected } from './connected.ts';
import type { FarLinks } from './far-links.ts';
import type { PlaceFar } from './far-words.ts';

/** Milliseconds to find a machine whose tree is wanted now. */
const REACH_MS = 5_000;

const askOf =
  (client: Client): AskFar =>
  (type, body) =>
    client.ask(type, body as never);

/** Registers the effect by which trees are brought back; called once, before the kernel starts. */
export function farTrees(context: { kernel: KernelApi; home: string; far: FarLinks }): Trees {
  const { kernel, far } = context;
  const trees = new Trees({
    ...context,
    async visit(id, signal, work) {
      const peer = far.peer(id);
      try {
        return await work(askOf(await connected(peer, REACH_MS, signal)));
      } finally {
        far.letGo(peer);
      }
    },
  });
  kernel.registerEffect({
    kind: BRING_TREE,
    idempotent: true,
    async run(body, { signal }) {
      const { workspace } = body as BringTree;
      if (kernel.head(`workspace/${workspace}`) === undefined || !(await trees.isFar(workspace))) return {};
      await trees.bring(workspace, signal);
      return {};
    },
  });
  return trees;
}

/** As what a far agent is to work in. */
export function handOver(
  trees: Trees,
  client: Client,
  wanted: PlaceFar & { there: { workspace: string } },
  signal: AbortSignal,
): Promise<FarPlace> {
  const { session, agent, called: name, peer: on, there } = wanted;
  return trees.handOver({
    ...{ session, agent, name, on, workspace: there.workspace },
    ...{ ask: askOf(client), signal },
  });
}
