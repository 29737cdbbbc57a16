/** Claude Code and Codex add a line to the same file at the same time, each in a worktree of its own, and land it (rule W5). */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { needsAgents } from '../agents/needs-agent.ts';
import type { Member } from '../agents/product/member.ts';
import { Stage } from '../agents/product/stage.ts';
import { text } from '../agents/product/steps.ts';
import { git, repository } from '../support/git-repository.ts';
import { Random } from '../support/random.ts';
import { POLICY } from './shared-file.ts';

/** Milliseconds until a node and two agents have started on a busy machine. */
const START_MS = 120_000;
const SEED = 20_262;
const ROUNDS = 3;
const PAUSE_MS = 150;
const FILE = 'shared.txt';

needsAgents(['claude', 'codex'])('two agents, a tree each', (programs) => {
  let stage: Stage;
  let members: Member[];
  const random = new Random(SEED);
  beforeAll(async () => {
    const wanted = [claude, codex].map((agent) => ({ agent, program: programs[agent.name] ?? '' }));
    stage = await Stage.start(wanted);
    const { site, skein, client } = stage;
    writeFileSync(join(skein.home, 'policy.yaml'), POLICY, { mode: 0o600 });
    writeFileSync(join(site.home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.org\n');
    repository(site.cwd);
    writeFileSync(join(site.cwd, FILE), '* base\n');
    commit('Begin');
    const source = { kind: 'local', dir: site.cwd } as const;
    const app = { id: newId(), name: 'app', source, strict: false, keep: 'always' } as const;
    await client.command('node', 'workspace.create', app);
    await client.ask('prepared', { workspace: app.id });
    members = await Promise.all(wanted.map(({ agent }) => stage.spawnIn('app', agent)));
    for (const member of members) await member.ready();
  }, START_MS);
  afterAll(() => stage?.stop());

  function commit(message: string): void {
    git(stage.site.cwd, 'add', '.');
    git(stage.site.cwd, 'commit', '-q', '-m', message);
  }
  const base = () => readFileSync(join(stage.site.cwd, FILE), 'utf8').split('\n').filter(Boolean);

  /** Both add a line of their own, and then both land at once. */
  async function round(lines: readonly [string, string]) {
    const prompts = await Promise.all(
      members.map((member, n) => {
        const pauses = { seed: random.int(0, 999_999_999), pause: PAUSE_MS };
        return member.prompt(
          { step: 'edit', path: FILE, line: lines[n] as string, ...pauses },
          text('Edited.'),
        );
      }),
    );
    for (const [n, member] of members.entries()) {
      expect(await member.ended(prompts[n] as string)).toBe('done');
      // Nobody is in another's way.
      const refused = member.events.filter(
        ({ type, body }) => type === 'claim.refused' && body.why === 'held',
      );
      expect(refused).toEqual([]);
    }
    return Promise.all(members.map(({ ref }) => stage.skein.later(['land', ref, '--json'])));
  }

  test(
    '[W5] what both have changed in one place stops the second, which keeps its own',
    async () => {
      const landed = await round(['* claude-0', '* codex-0']);
      expect(landed.map(({ status }) => status).sort()).toEqual([0, 1]);
      const stopped = landed.findIndex(({ status }) => status === 1);
      const { error } = JSON.parse(landed[stopped]?.stderr.trim().split('\n').at(-1) as string);
      expect(error).toMatchObject({ code: 'landing_stopped', data: { paths: [FILE] } });
      const lines = ['* claude-0', '* codex-0'];
      expect(base()).toEqual(['* base', lines[1 - stopped]]);
      const { workspace } = await (members[stopped] as Member).state();
      expect(readFileSync(join(workspace?.root ?? '', FILE), 'utf8')).toContain(lines[stopped]);
      // Taken up by hand, as the words say.
      git(workspace?.root ?? '', 'rebase', '-q', '-X', 'theirs', 'main');
      writeFileSync(join(workspace?.root ?? '', FILE), ['* base', ...lines, ''].join('\n'));
      const again = await stage.skein.later(['land', (members[stopped] as Member).ref]);
      expect(again).toMatchObject({ status: 0 });
      expect(base()).toEqual(['* base', ...lines]);
    },
    START_MS,
  );

  test(
    `[W5] where git can have both, none is lost in ${ROUNDS} interleavings (seed ${SEED})`,
    async () => {
      appendFileSync(join(stage.site.cwd, '.gitattributes'), `${FILE} merge=union\n`);
      commit('Have both');
      for (let n = 1; n <= ROUNDS; n++) {
        const landed = await round([`* claude-${n}`, `* codex-${n}`]);
        expect(landed.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
          members.map(() => ({ status: 0, stderr: '' })),
        );
        expect(base()).toEqual(expect.arrayContaining(['* base', `* claude-${n}`, `* codex-${n}`]));
      }
      const all = Array.from({ length: ROUNDS + 1 }, (_, n) => [`* claude-${n}`, `* codex-${n}`]).flat();
      expect(base().sort()).toEqual(['* base', ...all].sort());
      expect(git(stage.site.cwd, 'status', '--porcelain')).toBe('');
    },
    START_MS,
  );
});
