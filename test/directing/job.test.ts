/** A lead on one machine and those it directs on two others, real agents all of them, through a relay (rules X1, X2, N1, W5). */
import { expect, test } from 'vitest';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { needsAgents } from '../agents/needs-agent.ts';
import { Machines } from '../support/machines.ts';
import { condition, linux, needs } from '../support/needs.ts';
import { Job } from './job.ts';

/** Milliseconds until three nodes and three agents have started on a busy machine, and have worked. */
const PATIENCE_MS = 240_000;

const missing = Machines.missing();

needs(linux, condition(missing === undefined, missing ?? ''))('three machines', () => {
  needsAgents(['claude', 'codex'])('a lead and two workers', (programs) => {
    test(
      '[X1] [X2] [N1] [W5] a lead starts one on each of two other machines, waits, reads, and lands what both have done',
      async () => {
        const lead = { agent: claude, program: programs.claude ?? '' };
        const job = await Job.start(lead, { agent: codex, program: programs.codex ?? '' });
        try {
          const { missing, odd } = await job.round();
          expect({ missing, odd }).toEqual({ missing: [], odd: [] });
        } finally {
          await job.end();
        }
      },
      PATIENCE_MS,
    );
  });
});
