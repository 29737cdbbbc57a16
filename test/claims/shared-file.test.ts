/** Claude Code and Codex add a line to the same file at the same time, in one directory (rules W2, W3). */
import { afterEach, expect, test } from 'vitest';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { needsAgents } from '../agents/needs-agent.ts';
import { Random } from '../support/random.ts';
import { SharedFile } from './shared-file.ts';

/** Milliseconds until a node and two agents have started on a busy machine, and have taken turns. */
const PATIENCE_MS = 180_000;
const SEED = 20_261;
/** Interleavings; `npm run faults W1` plays more. */
const COUNT = 4;
/** Milliseconds of each pause at most: about as long as an agent takes for a step. */
const PAUSE_MS = 150;

needsAgents(['claude', 'codex'])('two agents, one file', (programs) => {
  let shared: SharedFile | undefined;
  afterEach(async () => {
    await shared?.stop();
    shared = undefined;
  });
  const start = async (workspace: boolean) => {
    // Whoever is overtaken first.
    const wanted = [codex, claude].map((agent) => ({ agent, program: programs[agent.name] ?? '' }));
    shared = await SharedFile.start(wanted, workspace);
    return shared;
  };

  test(
    'without a workspace one of two edits is lost when the other comes in between',
    async () => {
      const { lost } = await (await start(false)).overtaken();
      expect(lost).toEqual(['* claude-1']);
    },
    PATIENCE_MS,
  );

  test(
    `[W2] [W3] in a workspace none is lost, then and in ${COUNT} interleavings (seed ${SEED})`,
    async () => {
      const both = await start(true);
      const overtaken = await both.overtaken();
      expect(overtaken).toMatchObject({ lost: [], odd: [] });
      expect(overtaken.refused).toBeGreaterThan(0);
      // Shown what it would have overwritten.
      expect(both.words.at(-1)).toContain('+* claude-1');
      const random = new Random(SEED);
      for (let n = 0; n < COUNT; n++)
        expect(await both.round(random, PAUSE_MS)).toMatchObject({ lost: [], odd: [] });
    },
    PATIENCE_MS,
  );
});
