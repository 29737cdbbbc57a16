/** What a worker answers about trees: what is handed over to it, and what its agents' trees hold (see protocol's machines/trees.ts). */
import fs from 'node:fs';
import path from 'node:path';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import { MAX_PIECE } from '@skein/protocol/machines/limits';
import type { TreeAsks } from '@skein/protocol/machines/trees';
import type { PeersState } from '@skein/protocol/peers/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { KernelApi } from '../../kernel/types.ts';
import type { Principal } from '../../members/principal.ts';
import { notAllowed } from '../../members/refusals.ts';
import type { Handlers } from '../../sessions/ask-call.ts';
import { git, gitText } from '../git.ts';
import { namesIn } from '../making/places.ts';
import { writeBundle } from './bundle.ts';
import { goOnFrom } from './go-on-from.ts';
import { type HandedStore, hashOf } from './handed-store.ts';
import { KEPT_REF } from './make-handed.ts';
import { snapshotOf } from './snapshot.ts';
import { sweepHanded } from './sweep.ts';

/** What a tree holds, while it is fetched. */
const TIP_REF = 'refs/skein/tip';

const NO_ROOM: readonly ErrorCode[] = ['too_large', 'mailbox_full'];

export interface TreeAskContext {
  kernel: KernelApi;
  /** SKEIN_HOME. */
  home: string;
  handed: HandedStore;
}

export function treeHandlers({ kernel, home, handed }: TreeAskContext): Handlers<keyof TreeAsks> {
  const granted = async (by: Principal): Promise<string> => {
    const { state } = await kernel.state<PeersState>('peers');
    const peer = by.kind === 'device' ? by.device : '';
    const given = Object.values(state.grants).filter((one) => one.peer === peer);
    if (given.some(({ expires }) => expires === null || expires > Date.now())) return peer;
    throw notAllowed('granted', 'device');
  };
  const treeOf = async (session: string): Promise<{ root: string; dir: string; from: string }> => {
    const { state } = await kernel.state<SessionState>(`session/${session}`);
    const agent = state.hosted?.agent;
    const stream = `workspace/${agent}`;
    const found =
      agent === undefined || kernel.head(stream) === undefined
        ? undefined
        : (await kernel.state<WorkspaceState>(stream)).state;
    if (found?.source?.kind !== 'handed' || found.life === 'removed')
      throw new SkeinError('not_found', `Session "${state.name}" has no tree that was handed over.`);
    if (found.life !== 'ready')
      throw new SkeinError('not_ready', `The tree of session "${state.name}" is ${found.life}.`);
    const { root, source } = found;
    const from = handed.repository({ peer: source.home, workspace: source.workspace });
    return { root, from, dir: path.join(home, 'handing', session) };
  };
  return {
    async handing({ workspace, commits }, { by }) {
      return { has: await handed.has({ peer: await granted(by), workspace }, commits) };
    },
    async hand(piece, { by }) {
      const given = { peer: await granted(by), ...piece };
      try {
        return { size: handed.add(given) };
      } catch (thrown) {
        // What is kept of agents that are gone by now makes room.
        if (!NO_ROOM.includes(SkeinError.from(thrown).code)) throw thrown;
        await sweepHanded(kernel, handed);
        return { size: handed.add(given) };
      }
    },
    async handed({ workspace, bundle, tip }, { by }) {
      await handed.take({ peer: await granted(by), workspace, bundle, tip });
      return { tip };
    },
    async tree({ has }, { session, aborted: signal }) {
      const { root, dir } = await treeOf(session.id);
      const held = await snapshotOf(root, { signal });
      await git(root, ['update-ref', TIP_REF, held.tip], { signal });
      const file = path.join(dir, `${process.pid}.new`);
      const size = await writeBundle(root, { ref: TIP_REF, has, file }, { signal });
      for (const name of namesIn(dir)) if (name.endsWith('.bundle')) fs.rmSync(path.join(dir, name));
      if (size === undefined) return { ...held, bundle: null };
      const hash = await hashOf(file);
      fs.renameSync(file, path.join(dir, `${hash}.bundle`));
      return { ...held, bundle: { hash, size } };
    },
    async treePart({ bundle, offset }, { session }) {
      const file = path.join(home, 'handing', session.id, `${bundle}.bundle`);
      return { bytes: partOf(file, offset) };
    },
    async treeCommit({ tip, to }, { session, aborted: signal }) {
      const { root, from } = await treeOf(session.id);
      return { done: await goOnFrom(root, { tip, to, from }, { signal }) };
    },
    async treeKept({ tip }, { session, aborted: signal }) {
      const { root, dir } = await treeOf(session.id);
      fs.rmSync(dir, { recursive: true, force: true });
      const known = await gitText(root, ['cat-file', '-t', tip], { signal, answers: 'any' });
      if (known === 'commit') await git(root, ['update-ref', KEPT_REF, tip], { signal });
      return {};
    },
  };
}

/** Empty past its end. */
function partOf(file: string, offset: number): Uint8Array<ArrayBuffer> {
  let fd: number;
  try {
    fd = fs.openSync(file, 'r');
  } catch {
    throw new SkeinError('upload_gone', 'The tree has been asked for anew meanwhile. Ask again.');
  }
  try {
    const bytes = new Uint8Array(MAX_PIECE);
    return bytes.slice(0, fs.readSync(fd, bytes, 0, bytes.length, offset));
  } finally {
    fs.closeSync(fd);
  }
}
