/**
 * Puts the guard of commits into a repository, and takes it out again, without disturbing the hooks that are there (rule W2). Where the
 * user keeps hooks in a place of their own (`core.hooksPath`), that is not written in: one of ours passes each hook on to it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { readJson, writeWhole } from '../../platform/files.ts';
import { type GitOptions, git, gitText } from '../git.ts';
import { repositoryAt } from '../making/repository.ts';
import { guardScript, isOurs, passScript, quoted } from './script.ts';

const HOOK = 'pre-commit';
/** Beside it, since some hooks look for what they need beside themselves. */
const KEPT = 'pre-commit.before-skein';

/** Hooks of those who commit: one that does nothing is as good as none. Others are passed on only where they are. */
const CLIENT = [
  ...['applypatch-msg', 'pre-applypatch', 'post-applypatch', 'pre-merge-commit', 'prepare-commit-msg'],
  ...['commit-msg', 'post-commit', 'pre-rebase', 'post-checkout', 'post-merge', 'pre-push', 'post-rewrite'],
  ...['pre-auto-gc', 'sendemail-validate'],
];

interface Installed {
  /** The workspaces that it is for. */
  for: string[];
  /** What `core.hooksPath` was, as it was written; null for none of the repository's own. Undefined where it was left alone. */
  hooksPath?: string | null;
}

interface Place {
  common: string;
  record: string;
  /** Hooks of ours, where the user's are elsewhere. */
  own: string;
}

async function placeOf(root: string, options: GitOptions): Promise<Place | undefined> {
  const found = await repositoryAt(root, options);
  if (found === undefined) return undefined;
  const dir = path.join(found.commonDir, 'skein');
  return { common: found.commonDir, record: path.join(dir, 'guard.json'), own: path.join(dir, 'hooks') };
}

/** Returns why there is none, in words; the empty text when there is one. The same again changes nothing. */
export async function installGuard(
  root: string,
  id: string,
  program: string,
  options: GitOptions,
): Promise<string> {
  const place = await placeOf(root, options);
  if (place === undefined) return 'It is no git repository, so there is no guard of commits.';
  const { scope, value, dir } = await hooksPath(root, options);
  if (scope === 'worktree' || scope === 'command')
    return `Its hooks are where core.hooksPath of this worktree alone says, so there is no guard of commits.`;
  const installed = recordOf(place);
  const ids = [...new Set([...(installed?.for ?? []), id])];
  if (dir !== null && fs.existsSync(place.own) && fs.realpathSync(dir) === fs.realpathSync(place.own)) {
    keep(place, { ...installed, for: ids });
    return '';
  }
  if (value !== null) {
    const before = scope === 'local' ? value : null;
    keep(place, { for: ids, hooksPath: before });
    passOn(place.own, root, value, program);
    await git(root, ['config', '--local', 'core.hooksPath', place.own], options);
    return '';
  }
  const why = besideIt(path.join(place.common, 'hooks'), program);
  if (why === '') keep(place, { for: ids });
  return why;
}

/** When no workspace needs it any more: all is as it was. */
export async function removeGuard(root: string, id: string, options: GitOptions): Promise<void> {
  const place = fs.existsSync(root) ? await placeOf(root, options) : undefined;
  const installed = place === undefined ? undefined : recordOf(place);
  if (place === undefined || installed === undefined) return;
  const others = installed.for.filter((one) => one !== id);
  if (others.length > 0) return keep(place, { ...installed, for: others });
  if (installed.hooksPath !== undefined) {
    const { value } = await hooksPath(root, options);
    // Unless somebody has set it since, as tools that keep hooks do.
    if (value === place.own) {
      const { hooksPath: before } = installed;
      const args = before === null ? ['--unset', 'core.hooksPath'] : ['core.hooksPath', before];
      await git(root, ['config', '--local', ...args], options);
    }
  }
  takeOut(path.join(place.common, 'hooks'));
  fs.rmSync(path.dirname(place.record), { recursive: true, force: true });
}

/** As the user's settings say it: ours, of each command, are not asked. */
async function hooksPath(
  root: string,
  options: GitOptions,
): Promise<{ scope: string; value: string | null; dir: string | null }> {
  const own = { ...options, settings: { ...options.settings, 'core.hooksPath': null }, answers: [0, 1] };
  const told = await gitText(root, ['config', '--show-scope', '--get', 'core.hooksPath'], own);
  const [scope = '', value] = told.split('\t');
  if (value === undefined || value === '') return { scope: '', value: null, dir: null };
  const whole = await gitText(root, ['config', '--type=path', '--get', 'core.hooksPath'], own);
  const dir = path.resolve(root, whole);
  return { scope, value: scope === 'local' ? value : whole, dir: fs.existsSync(dir) ? dir : null };
}

/** Ours in the usual place, and the one that is there run by it. */
function besideIt(hooks: string, program: string): string {
  fs.mkdirSync(hooks, { recursive: true });
  const [file, kept] = [path.join(hooks, HOOK), path.join(hooks, KEPT)];
  const text = textOf(file);
  if (text !== undefined && !isOurs(text)) {
    if (/basename|\bFile\.basename/.test(text))
      return `There is a ${HOOK} hook that goes by its own name (${file}), so there is no guard of commits.`;
    if (fs.existsSync(kept)) return `${kept} is in the way, so there is no guard of commits.`;
    fs.renameSync(file, kept);
  }
  const before = fs.existsSync(kept) ? quoted(kept) : null;
  write(file, guardScript(program, before));
  return '';
}

/** The one that was there is there again; one that came instead of ours stays. */
function takeOut(hooks: string): void {
  const [file, kept] = [path.join(hooks, HOOK), path.join(hooks, KEPT)];
  const text = textOf(file);
  if (text !== undefined && !isOurs(text)) return;
  if (fs.lstatSync(kept, { throwIfNoEntry: false }) !== undefined) fs.renameSync(kept, file);
  else fs.rmSync(file, { force: true });
}

/** Undefined for none; what cannot be read as text is told as the empty one. */
function textOf(file: string): string | undefined {
  if (fs.lstatSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A directory of hooks that pass on what comes to those of another, wherever that is seen from. */
function passOn(own: string, root: string, from: string, program: string): void {
  fs.rmSync(own, { recursive: true, force: true });
  fs.mkdirSync(own, { recursive: true });
  const there = path.resolve(root, from);
  const others = fs.existsSync(there) ? fs.readdirSync(there).filter((name) => /^[a-z-]+$/.test(name)) : [];
  // As it was said: a relative path is one in each worktree, where hooks run.
  const word = (name: string) =>
    from.startsWith('~/') ? `"$HOME"/${quoted(`${from.slice(2)}/${name}`)}` : quoted(`${from}/${name}`);
  for (const name of new Set([...CLIENT, ...others]))
    if (name !== HOOK && !fs.statSync(path.join(there, name), { throwIfNoEntry: false })?.isDirectory())
      write(path.join(own, name), passScript(word(name)));
  write(path.join(own, HOOK), guardScript(program, word(HOOK)));
}

function write(file: string, text: string): void {
  const beside = `${file}.skein-new`;
  fs.writeFileSync(beside, text, { mode: 0o755 });
  fs.chmodSync(beside, 0o755);
  fs.renameSync(beside, file);
}

function recordOf({ record }: Place): Installed | undefined {
  const found = readJson(record) as Partial<Installed> | undefined;
  return Array.isArray(found?.for) ? (found as Installed) : undefined;
}

function keep({ record }: Place, installed: Installed): void {
  fs.mkdirSync(path.dirname(record), { recursive: true });
  writeWhole(record, JSON.stringify(installed));
}
