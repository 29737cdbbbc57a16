/** An agent whose files the node writes, stopped past the lease of what it holds, and awake again (rules W1, W2). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gemini } from '../agents/gemini.ts';
import { needsAgent } from '../agents/needs-agent.ts';
import type { Member } from '../agents/product/member.ts';
import { Stage } from '../agents/product/stage.ts';
import { text, write } from '../agents/product/steps.ts';
import { until, withEnvironment } from '../support/processes.ts';

/** Milliseconds until a node and an agent have started on a busy machine. */
const START_MS = 90_000;
const LEASE_MS = 1_000;
const GATE = 'paused';

needsAgent('gemini')('gemini, stopped while it thinks', (program) => {
  let stage: Stage;
  let member: Member;
  const workspace = newId();
  beforeAll(async () => {
    stage = await Stage.start([{ agent: gemini, program }]);
    const { client, site } = stage;
    writeFileSync(join(site.cwd, 'held.txt'), 'Mine.\n');
    const source = { kind: 'local', dir: site.cwd } as const;
    const wanted = { id: workspace, name: 'app', source, strict: false, keep: 'always' } as const;
    await client.command('node', 'workspace.create', wanted);
    await client.ask('prepared', { workspace });
    member = await stage.spawn(gemini);
    await member.ready();
    const { session } = member.log;
    // It asks nobody: only the claim is in its way.
    await client.command(`session/${session}`, 'agent.mode', { agent: member.id, mode: 'yolo' });
    await member.log.until(
      'its mode',
      ({ type, body }) => type === 'agent.offers' && body.modes?.current === 'yolo',
    );
  }, START_MS);
  afterAll(() => stage?.stop());

  test(
    "[W1] [W2] what it held is somebody else's by then, and it can not write it",
    async () => {
      const { client, site } = stage;
      const run = (await member.state()).run?.run ?? '';
      const take = { globs: ['held.txt'], wait: false };
      const claims = async () => (await client.ask('claims', { workspace })).claims;
      const target = `workspace/${workspace}`;
      await client.command(target, 'claim.take', { ...take, claim: newId(), for: { run }, lease: LEASE_MS });
      const prompt = await member.prompt(
        { step: 'hold', gate: GATE },
        write('held.txt', 'Theirs.\n'),
        text('Over.'),
      );
      await site.model.held(GATE);
      // Renewed while it runs, however long.
      const began = performance.now();
      await until('its lease to be long over', () => performance.now() - began > 3 * LEASE_MS);
      expect(await claims()).toHaveLength(1);

      const pids = withEnvironment('SKEIN_RUN', run);
      expect(pids.length).toBeGreaterThan(0);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      try {
        await member.log.until(
          'its claim to end',
          ({ type, body }) => type === 'claim.released' && body.why === 'expired',
        );
        await client.command(target, 'claim.take', { ...take, claim: newId() });
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      }
      site.model.release(GATE);
      await member.ended(prompt);
      expect(readFileSync(join(site.cwd, 'held.txt'), 'utf8')).toBe('Mine.\n');
      const refused = member.log.events.filter(({ type }) => type === 'claim.refused').at(-1)?.body;
      expect(refused).toMatchObject({ why: 'held', paths: ['held.txt'], holder: { kind: 'person' } });
    },
    START_MS,
  );
});
