/** Real agents as MCP clients, by what Skein gives them at their start: each directs another agent with the tools (rules N1, A5). */
import { ASKED } from '@skein/protocol/tools/unasked';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steps } from '../../support/acp-agent.ts';
import { defineFake } from '../../support/fake-definition.ts';
import { RAW_AGENTS } from '../all.ts';
import { settle } from '../claude-terminal.ts';
import { needsAgent } from '../needs-agent.ts';
import type { Member } from './member.ts';
import { Stage } from './stage.ts';
import { text, tool } from './steps.ts';

/** Milliseconds: agents start slowly on a busy machine, and each call is a turn of the model. */
const LONG_MS = 90_000;

for (const agent of RAW_AGENTS)
  needsAgent(agent.name)(`${agent.name} directs others`, (program) => {
    let stage: Stage;
    let lead: Member;
    beforeAll(async () => {
      stage = await Stage.start([{ agent, program }]);
      defineFake(stage.skein.home);
      lead = await stage.spawn(agent);
      await lead.ready();
    }, LONG_MS);
    afterAll(() => stage?.stop());

    const named = async (name: string) => {
      const { agents } = await stage.client.ask('session', { ref: lead.log.session });
      return Object.values(agents).find((one) => one.name === name);
    };

    test(
      '[N1] it starts one, prompts it, waits for it and reads it, and nobody is asked',
      async () => {
        const prompt = await lead.prompt(
          tool('list', {}),
          tool('spawn', { definition: 'fake', name: 'hand', prompt: 'the first part' }),
          tool('wait', { agents: ['hand'] }),
          tool('prompt', { agent: 'hand', text: 'the second part', wait: true }),
          tool('transcript', { agent: 'hand' }),
          text('It went so: {{5}}'),
        );
        expect(await lead.ended(prompt)).toBe('done');
        const said = lead.said(prompt).join('');
        for (const part of ['first', 'second']) expect(said).toContain(`You said: the ${part} part`);
        expect(await named('hand')).toMatchObject({ turns: 2, above: [lead.id] });
        expect(lead.calls(prompt).map(({ state }) => state)).toEqual(Array(5).fill('done'));
        const by = lead.events.flatMap(({ type, body }) => (type === 'approval.answered' ? [body.rule] : []));
        expect(new Set(by).size).toBeLessThanOrEqual(1);
      },
      LONG_MS,
    );

    test(
      '[N1] what is wrong with a call it is told, and its model can mend it',
      async () => {
        const prompt = await lead.prompt(
          tool('prompt', { agent: 'hnd', text: 'more' }),
          tool('prompt', { agent: 'hand', text: steps({ do: 'say', text: 'Mended.' }), wait: true }),
          text('{{1}} Then: {{2}}'),
        );
        expect(await lead.ended(prompt)).toBe('done');
        const said = lead.said(prompt).join('');
        expect(said).toMatch(/agent.*hand/s);
        expect(said).toContain('Mended.');
      },
      LONG_MS,
    );

    test.each(ASKED)(
      '[A5] people are asked before it may "%s"',
      async (name) => {
        const input = name === 'type' ? { text: 'rm -r x' } : { agent: 'hand' };
        const prompt = await lead.prompt(tool(name, input), text('Well.'));
        await lead.answer(await lead.asked(prompt), 'deny');
        expect(await lead.ended(prompt)).toBe('done');
        expect(lead.calls(prompt).map(({ state }) => state)).toEqual(['denied']);
      },
      LONG_MS,
    );
  });

needsAgent('claude')('claude in a terminal directs others', (program) => {
  const claude = RAW_AGENTS.find(({ name }) => name === 'claude') as (typeof RAW_AGENTS)[number];
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start([{ agent: claude, program }]);
    defineFake(stage.skein.home);
    settle(stage.site);
  }, LONG_MS);
  afterAll(() => stage?.stop());

  test(
    '[N1] it has the same tools, and nobody is asked',
    async () => {
      const lead = await stage.open(claude, undefined, { cols: 120, rows: 40 });
      await lead.ready();
      const prompt = await lead.prompt(
        tool('spawn', { definition: 'fake', name: 'hand', prompt: 'hello' }),
        tool('wait', { agents: ['{{1.agent}}'] }),
        text('It is done.'),
      );
      expect(await lead.ended(prompt)).toBe('done');
      const { agents } = await stage.client.ask('session', { ref: lead.log.session });
      expect(Object.values(agents).find((one) => one.name === 'hand')).toMatchObject({
        turns: 1,
        above: [lead.id],
      });
    },
    LONG_MS,
  );
});
