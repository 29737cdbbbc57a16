/** Real repositories in a directory of a test's own. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import type { Source } from '@skein/protocol/workspaces/commands';
import type { Wanted } from './make.ts';
import type { Going } from './unmake.ts';

export class Repos {
  readonly dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'skein-ws-')));
  readonly home = path.join(this.dir, 'home');

  constructor() {
    fs.mkdirSync(this.home);
  }

  destroy(): void {
    fs.rmSync(this.dir, { recursive: true, force: true });
  }

  path(...names: string[]): string {
    return path.join(this.dir, ...names);
  }

  /** As the user would run it, with no settings but a name. */
  git(dir: string, ...args: string[]): string {
    const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'protocol.file.allow=always'];
    const env = { PATH: process.env.PATH, HOME: this.dir, LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1' };
    return execFileSync('git', [...who, ...args], {
      cwd: dir,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  write(dir: string, file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    fs.writeFileSync(path.join(dir, file), text);
  }

  commit(dir: string, file: string, text = `${file}\n`): string {
    this.write(dir, file, text);
    this.git(dir, 'add', '-A');
    this.git(dir, 'commit', '-q', '-m', `Add ${file}`);
    return this.git(dir, 'rev-parse', 'HEAD');
  }

  /** With one commit, on `main`. */
  repository(name = 'up'): string {
    const dir = this.empty(name);
    this.commit(dir, 'a.txt');
    return dir;
  }

  empty(name = 'empty'): string {
    const dir = this.path(name);
    fs.mkdirSync(dir);
    this.git(dir, 'init', '-q', '-b', 'main');
    return dir;
  }

  /** A workspace to be made. */
  wanted(source: Source, base?: { name: string; root: string }, id = newId()): Wanted {
    const root = source.kind === 'local' ? source.dir : path.join(this.home, 'workspaces', id);
    return { id, root, name: 'ws', source, base, home: this.home, options: {} };
  }

  going({ id, root, source, base, options }: Wanted): Going {
    return { id, root, source, base, options };
  }

  /** Names beside the workspaces that were made. */
  beside(): string[] {
    const dir = path.join(this.home, 'workspaces');
    return fs.existsSync(dir) ? fs.readdirSync(dir) : [];
  }
}
