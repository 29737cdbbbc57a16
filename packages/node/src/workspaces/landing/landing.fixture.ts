/** A repository with a worktree whose work is to land, and what a landing needs, for tests. */
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import type { GitOptions } from '../git.ts';
import { Repos } from '../making/repos.fixture.ts';
import { type Landed, type LandingFacts, type LandingPlan, type LandingPorts, land } from './land.ts';
import { type Undone, undo } from './undo.ts';

export class Landings extends Repos {
  readonly options: GitOptions;
  readonly steps: LandingFacts[] = [];
  held: [string, readonly string[]][] = [];

  constructor() {
    super();
    // The user's own settings are nobody's business here.
    const config = this.path('gitconfig');
    fs.writeFileSync(
      config,
      '[user]\n\tname = A\n\temail = a@example.org\n[protocol "file"]\n\tallow = always\n',
    );
    this.options = { env: { GIT_CONFIG_GLOBAL: config, GIT_CONFIG_SYSTEM: '/dev/null', HOME: this.dir } };
  }

  worktree(base: string, name = 'work', ...more: string[]): string {
    const dir = this.path(name);
    this.git(base, 'worktree', 'add', '-q', '-b', `skein/${name}`, dir, ...more);
    return dir;
  }

  plan(base: string, from: string, more: Partial<LandingPlan> = {}): LandingPlan {
    const landing = newId();
    return {
      ...{
        landing,
        base,
        from,
        name: path.basename(from),
        onto: null,
        how: 'rebase',
        check: null,
        message: null,
      },
      ...{ scratch: this.path('home', 'landings', landing), earlier: [] },
      ...more,
    };
  }

  ports(more: Partial<LandingPorts> = {}): LandingPorts {
    return {
      options: this.options,
      step: async (facts) => void this.steps.push(facts),
      hold: async (dir, paths) => void this.held.push([dir, paths]),
      ...more,
    };
  }

  land(
    base: string,
    from: string,
    more: Partial<LandingPlan> = {},
    ports: Partial<LandingPorts> = {},
  ): Promise<Landed> {
    return land(this.plan(base, from, more), this.ports(ports));
  }

  undo(base: string, landed: Landed, landing = newId()): Promise<Undone> {
    const { onto, before, after } = landed;
    const plan = { landing, name: 'work', base, onto, before, after, hold: async () => {} };
    return undo(plan, this.options);
  }

  read(dir: string, file: string): string {
    return fs.readFileSync(path.join(dir, file), 'utf8');
  }

  status(dir: string): string {
    return this.git(dir, 'status', '--porcelain');
  }

  tip(dir: string, ref = 'HEAD'): string {
    return this.git(dir, 'rev-parse', ref);
  }

  /** What a repository would have that no test of its has put there. */
  leftovers(base: string): string[] {
    const refs = this.git(base, 'for-each-ref', '--format=%(refname)', 'refs/skein/landing');
    const locks = fs
      .readdirSync(base === this.path('bare') ? base : path.join(base, '.git'), {
        recursive: true,
        encoding: 'utf8',
      })
      .filter((name) => /\.lock$|skein-/.test(name));
    const scratch = this.path('home', 'landings');
    const trees = fs.existsSync(scratch) ? fs.readdirSync(scratch) : [];
    return [...refs.split('\n').filter((ref) => ref !== ''), ...locks, ...trees];
  }
}
