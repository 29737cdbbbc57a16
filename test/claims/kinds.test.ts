/** Every kind of agent in a workspace, the real ones: kept from what a person has claimed, and let write what is free (rules W2, W4). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claude } from '../agents/claude.ts';
import { settle } from '../agents/claude-terminal.ts';
import { codex } from '../agents/codex.ts';
import { gemini } from '../agents/gemini.ts';
import { needsAgent } from '../agents/needs-agent.ts';
import { opencode } from '../agents/opencode.ts';
import type { Member } from '../agents/product/member.ts';
import { Stage } from '../agents/product/stage.ts';
import { text, write } from '../agents/product/steps.ts';
import type { RawAgent } from '../agents/raw-agent.ts';
import { written } from '../agents/scenes.ts';

/** Milliseconds until a node and an agent have started on a busy machine. */
const START_MS = 90_000;

const SIZE = { cols: 100, rows: 30 };

interface Kind {
  agent: RawAgent;
  strength: { files: string; shell: string };
  /** A mode in which it asks nobody before it writes, if it has one. */
  unasked?: string;
  /** It reads why it may not write, in the same turn. In ACP a denial has no words; Gemini reads none of an error's either. */
  hears: boolean;
  terminal?: true;
}

const KINDS: readonly Kind[] = [
  { agent: claude, strength: { files: 'guarded', shell: 'watched' }, unasked: 'acceptEdits', hears: true },
  { agent: claude, strength: { files: 'guarded', shell: 'watched' }, hears: true, terminal: true },
  { agent: codex, strength: { files: 'guarded', shell: 'watched' }, unasked: 'full-access', hears: true },
  { agent: opencode, strength: { files: 'guarded', shell: 'watched' }, hears: false },
  { agent: gemini, strength: { files: 'enforced', shell: 'watched' }, unasked: 'yolo', hears: false },
];

for (const { agent, strength, unasked, hears, terminal } of KINDS)
  needsAgent(agent.name)(`${agent.name} in a workspace${terminal ? ', in a terminal' : ''}`, (program) => {
    let stage: Stage;
    let member: Member;
    const workspace = newId();
    beforeAll(async () => {
      stage = await Stage.start([{ agent, program }]);
      const { client, site } = stage;
      writeFileSync(join(site.cwd, 'held.txt'), 'Mine.\n');
      const source = { kind: 'local', dir: site.cwd } as const;
      const wanted = { id: workspace, name: 'app', source, strict: false, keep: 'always' } as const;
      await client.command('node', 'workspace.create', wanted);
      await client.ask('prepared', { workspace });
      const claim = { claim: newId(), globs: ['held.txt'], wait: false };
      await client.command(`workspace/${workspace}`, 'claim.take', claim);
      settle(site);
      member = await (terminal ? stage.open(agent, undefined, SIZE) : stage.spawn(agent));
      await member.ready();
    }, START_MS);
    afterAll(() => stage?.stop());

    const held = async () => (await stage.client.ask('claims', { workspace })).claims;
    const expectHeard = () => {
      if (hears) expect(JSON.stringify(stage.site.model.asked.at(-1)).includes('skein claim')).toBe(true);
    };
    const of = (type: string) => member.log.events.filter((event) => event.type === type);
    /** Claude Code does not write over what it has not read; Codex would have to ask for that as well. */
    const read =
      agent.name === 'claude' ? [{ step: 'read', path: 'held.txt', together: false } as const] : [];
    const overwrite = [...read, write('held.txt', 'Theirs.\n'), text('Over.')];

    test('[W4] is told for what it is', async () => {
      const { workspace: where, strength: told } = await member.state();
      expect({ where: where?.name, told }).toEqual({ where: 'app', told: strength });
    });

    test('[W2] writes what is free, when people let it, under a claim that goes with its turn', async () => {
      const prompt = await member.prompt(write('free.txt', 'Free.\n'), text('Over.'));
      await member.answer(await member.asked(prompt), 'allow');
      expect(await member.ended(prompt)).toBe('done');
      expect(written(stage.site, 'free.txt')).toBe('Free.\n');
      const taken = await member.log.until('its claim', ({ type, body }) => type === 'claim.taken' && body);
      expect(taken).toMatchObject({ globs: ['free.txt'], implicit: true, workspaceName: 'app' });
      await member.log.until('its end', ({ type, body }) => type === 'claim.released' && body.why === 'turn');
      expect((await held()).map(({ globs }) => globs)).toEqual([['held.txt']]);
    });

    test('[W2] does not write what somebody else has claimed, and nobody is asked', async () => {
      const asked = of('approval.asked').length;
      const prompt = await member.prompt(...overwrite);
      await member.ended(prompt);
      expect(readFileSync(join(stage.site.cwd, 'held.txt'), 'utf8')).toBe('Mine.\n');
      const refused = of('claim.refused').at(-1)?.body;
      expect(refused).toMatchObject({ why: 'held', paths: ['held.txt'], holder: { kind: 'person' } });
      const questions = of('approval.asked').slice(asked);
      const answers = of('approval.answered').filter(({ body }) =>
        questions.some((one) => one.body.approval === body.approval && one.body.kind !== 'read'),
      );
      for (const { body } of answers) expect(body).toMatchObject({ outcome: 'denied', rule: 'claim' });
      expectHeard();
    });

    if (unasked !== undefined)
      test(`[W2] nor in its mode "${unasked}", in which nobody is asked about anything`, async () => {
        const { log } = member;
        await stage.client.command(`session/${log.session}`, 'agent.mode', {
          agent: member.id,
          mode: unasked,
        });
        await log.until(
          'its mode',
          ({ type, body }) => type === 'agent.offers' && body.modes?.current === unasked,
        );
        const refusals = of('claim.refused').length;
        const again = await member.prompt(...overwrite);
        await member.ended(again);
        expect(readFileSync(join(stage.site.cwd, 'held.txt'), 'utf8')).toBe('Mine.\n');
        expect(of('claim.refused').length).toBeGreaterThan(refusals);
        expectHeard();
        const free = await member.prompt(write('unasked.txt', 'Unasked.\n'), text('Over.'));
        expect(await member.ended(free)).toBe('done');
        expect(written(stage.site, 'unasked.txt')).toBe('Unasked.\n');
      });
  });
