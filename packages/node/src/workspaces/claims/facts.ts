/** What the node adds to claims that are asked for: where their paths really lead, and who the machine's user is (rule W1). */
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { valueAt } from '@skein/protocol/keyed';
import type { NodeState } from '@skein/protocol/sessions/node-state';
import {
  formatPattern,
  type Pattern,
  parsePattern,
  patternOfPath,
  shownPattern,
} from '@skein/protocol/workspaces/patterns';
import type { Command, KernelApi } from '../../kernel/types.ts';
import { realPath } from '../../platform/real-path.ts';
import { userName } from '../../platform/user-name.ts';
import type { ClaimFacts } from '../decide-claims.ts';

/** Undefined for other commands. What cannot be claimed is refused by whoever decides. */
export function claimFacts(kernel: Pick<KernelApi, 'peek'>, command: Command): ClaimFacts | undefined {
  const { type, target, body } = command;
  if (type !== 'claim.take' && type !== 'claim.release') return undefined;
  const user = { user: userName() };
  const { globs } = (body ?? {}) as { globs?: unknown };
  if (!Array.isArray(globs)) return user;
  if (!globs.every((one): one is string => typeof one === 'string')) return user;
  const node = kernel.peek<NodeState>('node');
  const root = node && valueAt(node.workspaces, target.slice('workspace/'.length))?.root;
  if (root === undefined) return user;
  try {
    return { ...user, globs: globs.map((glob) => formatPattern(realised(root, parsePattern(glob)))) };
  } catch (error) {
    // What leads somewhere else by now can still be given back by the name that it was claimed by.
    return type === 'claim.take' ? { ...user, bad: SkeinError.from(error).toBody() } : user;
  }
}

/** Throws `bad_request` where it leads out of the workspace. As far as its names hold no wildcards, they are followed as the system would; the rest names what is found there. */
export function realised(root: string, pattern: Pattern): Pattern {
  const wild = pattern.segments.findIndex((segment) => typeof segment !== 'string');
  const plain = (wild < 0 ? pattern.segments : pattern.segments.slice(0, wild)) as string[];
  if (plain.length === 0) return pattern;
  const given = path.join(root, ...plain);
  const real = realPath(given);
  const shown = shownPattern(formatPattern(pattern));
  if (real === undefined)
    throw new SkeinError('bad_request', `Where "${shown}" leads cannot be told: it cannot be claimed.`);
  if (real !== root && !real.startsWith(`${root}/`))
    throw new SkeinError('bad_request', `"${shown}" leads out of the workspace, to ${real}.`);
  if (real === given) return pattern;
  const names = real === root ? [] : patternOfPath(path.relative(root, real)).segments;
  const rest = wild < 0 ? [] : pattern.segments.slice(wild);
  if (names.length + rest.length === 0 && !pattern.below)
    throw new SkeinError('bad_request', `"${shown}" is the workspace itself: everything in it is "**".`);
  return { segments: [...names, ...rest], below: pattern.below };
}
