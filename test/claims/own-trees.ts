/**
 * Real agents that each add a line to the same file at the same time, each in a worktree of its own of one repository, and land
 * what they have at once (rule W5).
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@skein/protocol/ids';
import type { Member } from '../agents/product/member.ts';
import { Stage, type Wanted } from '../agents/product/stage.ts';
import { text } from '../agents/product/steps.ts';
import type { Outcome } from '../support/cli.ts';
import { git, repository } from '../support/git-repository.ts';
import type { Random } from '../support/random.ts';
import { POLICY } from './shared-file.ts';

export const FILE = 'shared.txt';
const BASE = '* base';
/**
 * Rounds of one life of the agents and of the file. Of a longer file that has changed an agent tells its model but a part, and this
 * model writes what it was told.
 */
const ROUNDS = 4;

export class OwnTrees {
  readonly stage: Stage;
  readonly #wanted: readonly Wanted[];
  members: Member[] = [];
  #rounds = 0;

  private constructor(stage: Stage, wanted: readonly Wanted[]) {
    this.stage = stage;
    this.#wanted = wanted;
  }

  static async start(wanted: readonly Wanted[]): Promise<OwnTrees> {
    const stage = await Stage.start(wanted);
    const { site, skein, client } = stage;
    writeFileSync(join(skein.home, 'policy.yaml'), POLICY, { mode: 0o600 });
    writeFileSync(join(site.home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.org\n');
    repository(site.cwd);
    writeFileSync(join(site.cwd, FILE), `${BASE}\n`);
    const trees = new OwnTrees(stage, wanted);
    trees.commit('Begin');
    const source = { kind: 'local', dir: site.cwd } as const;
    const app = { id: newId(), name: 'app', source, strict: false, keep: 'always' } as const;
    await client.command('node', 'workspace.create', app);
    await client.ask('prepared', { workspace: app.id });
    await trees.#spawn();
    return trees;
  }

  commit(message: string): void {
    git(this.stage.site.cwd, 'add', '.');
    git(this.stage.site.cwd, 'commit', '-q', '-m', message);
  }

  /** Lines that both have added in one place are both kept from now on. */
  haveBoth(): void {
    appendFileSync(join(this.stage.site.cwd, '.gitattributes'), `${FILE} merge=union\n`);
    this.commit('Have both');
  }

  /** The lines that have landed. */
  base(): string[] {
    return readFileSync(join(this.stage.site.cwd, FILE), 'utf8').split('\n').filter(Boolean);
  }

  /** All add a line of their own, and then all land at once. What did not end as it should is told. */
  async play(
    lines: readonly string[],
    random: Random,
    pause: number,
  ): Promise<{ landed: Outcome[]; odd: string[] }> {
    const begun = this.members.map((member) => member.events.length);
    const prompts = await Promise.all(
      this.members.map((member, n) => {
        const pauses = { seed: random.int(0, 999_999_999), pause };
        return member.prompt(
          { step: 'edit', path: FILE, line: lines[n] as string, ...pauses },
          text('Edited.'),
        );
      }),
    );
    const odd: string[] = [];
    for (const [n, member] of this.members.entries()) {
      const ended = await member.ended(prompts[n] as string);
      if (ended !== 'done') odd.push(`${lines[n]} ${ended}`);
      const since = member.events.slice(begun[n]);
      // Nobody is in another's way.
      if (since.some(({ type, body }) => type === 'claim.refused' && body.why === 'held'))
        odd.push(`${lines[n]} was kept from its own tree`);
    }
    const landed = await Promise.all(
      this.members.map(({ ref }) => this.stage.skein.later(['land', ref, '--json'])),
    );
    return { landed, odd };
  }

  /** One round in which all is to land: the lines that are lost of it, and what was odd. */
  async round(random: Random, pause: number): Promise<{ lost: string[]; odd: string[]; ms: number }> {
    if (this.#rounds > 0 && this.#rounds % ROUNDS === 0) await this.#anew();
    const round = ++this.#rounds;
    const lines = this.#wanted.map(({ agent }) => `* ${agent.name}-${round}`);
    const before = this.base();
    const began = performance.now();
    const { landed, odd } = await this.play(lines, random, pause);
    const ms = Math.round(performance.now() - began);
    for (const [n, { status, stderr }] of landed.entries())
      if (status !== 0) odd.push(`${lines[n]} did not land: ${stderr.trim()}`);
    const there = this.base();
    const left = git(this.stage.site.cwd, 'status', '--porcelain');
    if (left !== '') odd.push(`left behind: ${left}`);
    return { lost: [...before, ...lines].filter((line) => !there.includes(line)), odd, ms };
  }

  stop(): Promise<void> {
    return this.stage.stop();
  }

  /** The file as it was, and other agents; those that were there end, and their trees with them, as all has landed. */
  async #anew(): Promise<void> {
    for (const member of this.members) {
      await member.end();
      member.log.stop();
    }
    writeFileSync(join(this.stage.site.cwd, FILE), `${BASE}\n`);
    this.commit('Begin again');
    await this.#spawn();
  }

  async #spawn(): Promise<void> {
    this.members = await Promise.all(this.#wanted.map(({ agent }) => this.stage.spawnIn('app', agent)));
    for (const member of this.members) await member.ready();
  }
}
