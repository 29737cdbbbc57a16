/** What other machines tell of their load: each asked by itself, with a time of its own, so that one that is away holds up nobody. */
import { SkeinError } from '@skein/protocol/errors';
import { type AwayLoad, loadedByFar, type NodeLoad } from '@skein/protocol/machines/load';
import type { Mesh, PeerAddress } from '../mesh/api.ts';
import { visitFar } from '../peers/far-client.ts';
import { byName } from '../peers/plain-words.ts';

/** Milliseconds that a node has for its answer; for which that is not asked again; and for which one that is away is not. */
const ANSWER_MS = 3_000;
const FRESH_MS = 900;
const AGAIN_MS = 5_000;

export interface FarNode {
  peer: string;
  node: string;
  to: PeerAddress;
}

interface Asked {
  load?: NodeLoad;
  /** When it told that: a performance.now(). */
  told?: number;
  /** When it was asked last and has answered or not. */
  settled?: number;
  error?: SkeinError | undefined;
  asking?: Promise<void> | undefined;
}

export class FarLoads {
  readonly #mesh: () => Mesh;
  readonly #version: string;
  #asked = new Map<string, Asked>();

  constructor(mesh: () => Mesh, version: string) {
    this.#mesh = mesh;
    this.#version = version;
  }

  /** What each tells now, or told last where that takes more than `wait` milliseconds. */
  async loads(nodes: readonly FarNode[], wait: number): Promise<AwayLoad[]> {
    // Those that are not wanted any more are forgotten.
    this.#asked = new Map(nodes.map(({ peer }) => [peer, this.#asked.get(peer) ?? {}]));
    const asking = nodes.map((node) => this.#ask(node));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, wait);
    });
    await Promise.race([Promise.all(asking), patience]);
    clearTimeout(timer);
    const now = performance.now();
    return nodes.map(({ peer, node }) => {
      const { load, told, error, settled } = this.#asked.get(peer) ?? {};
      const age = told === undefined ? null : Math.round(now - told);
      const why = error?.message ?? (settled === undefined ? `${node} has not answered yet.` : undefined);
      return {
        ...{ peer, node, reachable: why === undefined, age },
        ...(why === undefined ? {} : { error: why }),
        ...(load === undefined ? {} : { load }),
      };
    });
  }

  #ask(node: FarNode): Promise<void> {
    const one = this.#asked.get(node.peer);
    if (one === undefined) return Promise.resolve();
    const { settled, error, asking } = one;
    if (asking !== undefined) return asking;
    const rest = error === undefined ? FRESH_MS : AGAIN_MS;
    if (settled !== undefined && performance.now() - settled < rest) return Promise.resolve();
    one.asking = this.#visit(node, one).finally(() => {
      one.asking = undefined;
      one.settled = performance.now();
    });
    return one.asking;
  }

  async #visit({ to, node }: FarNode, one: Asked): Promise<void> {
    try {
      const visit = { mesh: this.#mesh(), to, version: this.#version, wait: ANSWER_MS };
      one.load = loadedByFar(await visitFar(visit, (client) => client.ask('load', {})));
      one.told = performance.now();
      one.error = undefined;
    } catch (thrown) {
      const error = SkeinError.from(thrown);
      // A node of before there was such a thing is there, and tells nothing.
      one.error =
        error.code === 'unknown_command'
          ? new SkeinError('unknown_command', `${node} is of a version that does not tell its load.`)
          : byName(node, error);
    }
  }
}
