/**
 * What a repository's pre-commit hook asks: `guard.cjs HOME`, in the tree that is committed. Ends with 3 when others have claimed what
 * is committed; with 0 otherwise, also when nobody can be asked, which it says.
 */
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { webSocket } from '@skein/client/transport/websocket';
import { nodeSocket } from '@skein/node/home';
import { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { shellWord, visible } from '@skein/protocol/text/words';
import type { Committing } from '@skein/protocol/workspaces/asks';
import { typedPath } from '@skein/protocol/workspaces/patterns';
import { complain } from '../output/write.ts';
import { VERSION } from '../version.ts';

/** Paths that are asked about at once, and milliseconds in which an answer must be there. */
const AT_ONCE = 1_000;
const PATIENCE_MS = 10_000;
/** Paths that are named. */
const NAMED = 10;
const REFUSED = 3;
/** Bytes of what git lists. */
const MAX_TOLD = 64 * 1024 * 1024;

// As git was told by whoever runs it: the index that is committed may be another than the tree's.
function git(...args: string[]): string {
  return execFileSync('git', ['--no-pager', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: MAX_TOLD,
  });
}

function committed(): string[] {
  let head = 'HEAD';
  try {
    git('rev-parse', '--quiet', '--verify', 'HEAD');
  } catch {
    head = git('hash-object', '-t', 'tree', '/dev/null').trim();
  }
  const args = ['diff-index', '--cached', '--name-only', '-z', '--no-renames', '--no-ext-diff'];
  return git(...args, head, '--')
    .split('\0')
    .slice(0, -1);
}

async function asked(home: string, paths: readonly string[]): Promise<Committing[]> {
  const { SKEIN_RUN: run } = process.env;
  const root = realpathSync(git('rev-parse', '--show-toplevel').replace(/\n$/, ''));
  const client = await Client.connect({
    connect: webSocket(nodeSocket(home)),
    name: 'skein guard',
    version: VERSION,
  });
  try {
    const found: Committing[] = [];
    for (let n = 0; n < paths.length && found.length < NAMED; n += AT_ONCE) {
      const some = paths.slice(n, n + AT_ONCE);
      const body = { root, paths: some, ...(run === undefined ? {} : { run }) };
      found.push(...(await client.ask('committing', body)));
    }
    return found;
  } finally {
    client.close();
  }
}

function refusal(found: readonly Committing[]): string {
  const lines = found
    .slice(0, NAMED)
    .map(({ path, holder, workspace }) => `  ${visible(path)}, by ${visible(holder.name)} in ${workspace}`);
  const first = found[0];
  const wanted = typedPath(first?.within ?? first?.path ?? '');
  const wait = `skein claim ${first?.workspace} ${shellWord(wanted)} --wait`;
  return [
    `not committed: others have claimed what is in it.`,
    ...lines,
    `Commit without it (git restore --staged PATH), or wait for it: ${wait}. git commit --no-verify commits nevertheless.`,
  ].join('\n');
}

async function main(home: string): Promise<number> {
  const paths = committed();
  if (paths.length === 0) return 0;
  const found = await asked(home, paths);
  if (found.length === 0) return 0;
  complain(refusal(found));
  return REFUSED;
}

const [home] = process.argv.slice(2);
const letThrough = (why: string): never => {
  complain(`nobody knows whether others have claimed what is committed: ${why}`);
  process.exit(0);
};
setTimeout(() => letThrough('the node does not answer.'), PATIENCE_MS).unref();
if (home === undefined) letThrough('no home was given.');
else
  main(home).then(
    (status) => process.exit(status),
    (error) => letThrough(SkeinError.from(error).message),
  );
