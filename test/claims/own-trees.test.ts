/** Claude Code and Codex add a line to the same file at the same time, each in a worktree of its own, and land it (rule W5). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { needsAgents } from '../agents/needs-agent.ts';
import type { Member } from '../agents/product/member.ts';
import { git } from '../support/git-repository.ts';
import { Random } from '../support/random.ts';
import { FILE, OwnTrees } from './own-trees.ts';

/** Milliseconds until a node and two agents have started on a busy machine. */
const START_MS = 120_000;
const SEED = 20_262;
const ROUNDS = 3;
const PAUSE_MS = 150;

needsAgents(['claude', 'codex'])('two agents, a tree each', (programs) => {
  let trees: OwnTrees;
  const random = new Random(SEED);
  beforeAll(async () => {
    const wanted = [claude, codex].map((agent) => ({ agent, program: programs[agent.name] ?? '' }));
    trees = await OwnTrees.start(wanted);
  }, START_MS);
  afterAll(() => trees?.stop());

  test(
    '[W5] what both have changed in one place stops the second, which keeps its own',
    async () => {
      const lines = ['* claude-0', '* codex-0'];
      const { landed, odd } = await trees.play(lines, random, PAUSE_MS);
      expect(odd).toEqual([]);
      expect(landed.map(({ status }) => status).sort()).toEqual([0, 1]);
      const stopped = landed.findIndex(({ status }) => status === 1);
      const { error } = JSON.parse(landed[stopped]?.stderr.trim().split('\n').at(-1) as string);
      expect(error).toMatchObject({ code: 'landing_stopped', data: { paths: [FILE] } });
      expect(trees.base()).toEqual(['* base', lines[1 - stopped]]);
      const member = trees.members[stopped] as Member;
      const root = (await member.state()).workspace?.root ?? '';
      expect(readFileSync(join(root, FILE), 'utf8')).toContain(lines[stopped]);
      // Taken up by hand, as the words say.
      git(root, 'commit', '-q', '-a', '-m', 'mine');
      git(root, 'rebase', '-q', '-X', 'theirs', 'main');
      writeFileSync(join(root, FILE), ['* base', ...lines, ''].join('\n'));
      expect(await trees.stage.skein.later(['land', member.ref])).toMatchObject({ status: 0 });
      expect(trees.base()).toEqual(['* base', ...lines]);
    },
    START_MS,
  );

  test(
    `[W5] where git can have both, none is lost in ${ROUNDS} interleavings (seed ${SEED})`,
    async () => {
      trees.haveBoth();
      for (let n = 1; n <= ROUNDS; n++)
        expect(await trees.round(random, PAUSE_MS)).toMatchObject({ lost: [], odd: [] });
    },
    START_MS,
  );
});
