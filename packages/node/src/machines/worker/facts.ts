/** What the node adds to commands about agents of other machines, looked up before they are decided (rule X1). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { hostedCommands } from '@skein/protocol/machines/commands';
import { emptyPeers, type Grant, type PeersState } from '@skein/protocol/peers/state';
import { type NodeState, sessionIn } from '@skein/protocol/sessions/node-state';
import { likeness } from '@skein/protocol/text/likeness';
import { freeName } from '../../actors/free-name.ts';
import { loadDefinitions } from '../../agents/definitions/load.ts';
import type { Command, KernelApi } from '../../kernel/types.ts';
import { realDirectory } from '../../platform/real-path.ts';
import { isKnownHere } from '../../sessions/known-ids.ts';
import { workspacesDir } from '../../workspaces/facts.ts';
import { type GrantFacts, grantsOf } from './grants.ts';
import { type PlaceHostedFacts, usedUnder } from './place.ts';
import type { TellFacts } from './tell.ts';

interface FactsContext {
  kernel: KernelApi;
  home: string;
}

/** Undefined for a command that is not about them. */
export function machineFacts(
  context: FactsContext,
  by: unknown,
  command: Command,
): GrantFacts | TellFacts | Promise<PlaceHostedFacts | undefined> | undefined {
  const { target, type, body } = command;
  if (target === 'peers' && type === 'grant.give') return grantFacts(body);
  if (target === 'node' && type === 'hosted.place') return placeFacts(context, by, body);
  return type === 'home.tell' ? tellFacts(context, command) : undefined;
}

function grantFacts(body: unknown): GrantFacts {
  const { dirs } = (body ?? {}) as { dirs?: unknown };
  return { dirs: Array.isArray(dirs) ? dirs.map(realDirectory) : [] };
}

async function placeFacts(
  { kernel, home }: FactsContext,
  by: unknown,
  body: unknown,
): Promise<PlaceHostedFacts | undefined> {
  const wanted = hostedCommands['hosted.place'].safeParse(body).data;
  const { device } = (by ?? {}) as { device?: string };
  // What is malformed, or nobody's, is refused as such when it is decided.
  if (wanted === undefined || device === undefined) return undefined;
  const workspaces = workspacesDir(fs.realpathSync(home));
  try {
    const { state } = await kernel.state<PeersState>('peers').catch(() => ({ state: emptyPeers() }));
    const named = grantsFor(grantsOf(state, device, Date.now()), wanted.definition);
    const { place } = wanted;
    const node = calledHere(state, device, wanted.node);
    if (!('dir' in place)) {
      await checkDefinition(wanted.definition, home, home);
      return { grants: named, workspaces, node };
    }
    const dir = realDirectory(fromHome(place.dir));
    const grants = named.filter(({ dirs }) => dir !== null && dirs.some((one) => isWithin(dir, one)));
    // Whether a directory is there is nobody's to learn who may not work in it.
    if (dir === null || grants.length === 0) throw notThere(place.dir, named);
    await checkDefinition(wanted.definition, home, dir);
    return { grants, dir, workspaces, node };
  } catch (thrown) {
    return { grants: [], refused: SkeinError.from(thrown).toBody(), workspaces };
  }
}

/** A home as this machine's user knows it; one that they do not know may call itself nothing that is read as one that they do. */
function calledHere({ known }: PeersState, home: string, wish: string): string {
  if (Object.hasOwn(known, home)) return known[home]?.name ?? wish;
  const taken = new Set(Object.values(known).map(({ name }) => likeness(name)));
  return freeName(wish, 'node', taken, likeness);
}

/** Throws `not_granted`. */
function grantsFor(grants: readonly Grant[], definition: string): Grant[] {
  if (grants.length === 0)
    throw new SkeinError(
      'not_granted',
      'That machine lets your node run no agents. Its user can: skein grant NODE --agents … --dirs …',
      { rule: 'X1' },
    );
  const named = grants.filter(({ agents }) => agents.includes('*') || agents.includes(definition));
  if (named.length > 0) return named;
  const agents = [...new Set(grants.flatMap((one) => one.agents))];
  throw new SkeinError(
    'not_granted',
    `That machine lets your node run ${agents.join(', ')}, and not "${definition}".`,
    { rule: 'X1', agents },
  );
}

function notThere(dir: string, grants: readonly Grant[]): SkeinError {
  const dirs = [...new Set(grants.flatMap((one) => one.dirs))];
  const where = dirs.length === 0 ? 'only in empty workspaces (--scratch)' : `in ${dirs.join(', ')}`;
  return new SkeinError(
    'not_granted',
    `That machine lets agents of your node work ${where}, and ${dir} is no directory in that.`,
    { rule: 'X1', dirs },
  );
}

/** Throws `agent_missing`, or what else keeps a definition from being used here. */
async function checkDefinition(name: string, home: string, cwd: string): Promise<void> {
  const { resolveDefinition } = await loadDefinitions();
  try {
    resolveDefinition(name, { home, cwd });
  } catch (thrown) {
    const error = SkeinError.from(thrown);
    if (error.code !== 'not_found') throw error;
    throw new SkeinError('agent_missing', `That machine has no agent "${name}".`, error.data);
  }
}

function fromHome(dir: string): string {
  return dir === '~' || dir.startsWith('~/') ? path.join(os.homedir(), dir.slice(1)) : dir;
}

/** Both are absolute and without links. */
export function isWithin(dir: string, root: string): boolean {
  return dir === root || dir.startsWith(root === '/' ? '/' : `${root}/`);
}

function tellFacts({ kernel }: FactsContext, { target, body }: Command): TellFacts | undefined {
  const { type, body: inner } = (body ?? {}) as { type?: unknown; body?: { run?: unknown } | null };
  if (type !== 'agent.restart') return undefined;
  const node = kernel.peek<NodeState>('node');
  const session = node === undefined ? undefined : sessionIn(node, target.replace(/^session\//, ''));
  if (node === undefined || session?.hosted === undefined) return undefined;
  const { grant, max } = session.hosted;
  const others = usedUnder(node, grant) - usedUnder(node, grant, session.id);
  return { full: others >= max, taken: isKnownHere(node, [String(inner?.run)]) };
}
