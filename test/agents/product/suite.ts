/** What each real agent is led through, by clients of a real node, and what must come of it whichever agent it is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printSteps } from '../../model/marker.ts';
import { needsAgent } from '../needs-agent.ts';
import type { RawAgent } from '../raw-agent.ts';
import { written } from '../scenes.ts';
import { orderOf, type Scene } from './expected.ts';
import { lifeOf } from './life.ts';
import type { Member } from './member.ts';
import { normalForm } from './normal.ts';
import { Stage } from './stage.ts';
import { hold, text, think, write } from './steps.ts';

/** Milliseconds until a node and an agent have started on a busy machine. */
const START_MS = 60_000;

export function productOf(agent: RawAgent): void {
  needsAgent(agent.name)(`${agent.name} in a session`, (program) => {
    let stage: Stage;
    let member: Member;
    beforeAll(async () => {
      stage = await Stage.start([{ agent, program }]);
      member = await stage.spawn(agent);
      await member.ready();
    }, START_MS);
    afterAll(() => stage?.stop());

    const file = (path: string) => written(stage.site, path);
    const inOrder = (scene: Scene, prompt: string) =>
      expect(normalForm(member.log.events, prompt)).toEqual(orderOf(agent.name, scene));

    test('[A1] a prompt is thought about and answered, piece by piece', async () => {
      const { model } = stage.site;
      const prompt = await member.prompt(
        ...[
          think('let me see'),
          text('Hello from the script, word by word.'),
          hold('streamed'),
          text(' The rest.'),
        ],
      );
      await model.held('streamed');
      // It is told while the model still speaks.
      await member.hears(prompt, 'Hello from');
      expect(member.turn(prompt).end).toBeUndefined();
      model.release('streamed');
      expect(await member.ended(prompt)).toBe('done');
      expect(member.said(prompt)).toEqual(['Hello from the script, word by word. The rest.']);
      inOrder('prompt', prompt);
    });

    test('[A5] a file is written after the yes, and not before', async () => {
      const prompt = await member.prompt(
        text('I write it.'),
        write('a.txt', 'AAA\nBBB\n'),
        text('It is written.'),
      );
      const approval = await member.asked(prompt);
      expect(file('a.txt')).toBeUndefined();
      await member.answer(approval, 'allow');
      expect(await member.ended(prompt)).toBe('done');
      expect(file('a.txt')).toBe('AAA\nBBB\n');
      expect(member.said(prompt)).toEqual(['I write it.', 'It is written.']);
      const [call] = member.calls(prompt);
      expect(call).toMatchObject({ kind: 'edit', state: 'done' });
      expect(call?.paths.join()).toContain('a.txt');
      inOrder('allowed', prompt);
    });

    test('[A5] what is denied is not done', async () => {
      const prompt = await member.prompt(write('b.txt', 'BBB\n'), text('So it is not.'));
      await member.answer(await member.asked(prompt), 'deny', 'Not today.');
      expect(await member.ended(prompt)).toBe('done');
      expect(file('b.txt')).toBeUndefined();
      expect(member.calls(prompt)).toMatchObject([{ state: 'denied' }]);
      inOrder('denied', prompt);
    });

    test('[A4] a turn is cancelled in its middle, and the next prompt works', async () => {
      const prompt = await member.prompt(text('I begin.'), hold('never'), text('Never said.'));
      await stage.site.model.held('never');
      await member.hears(prompt, 'I begin.');
      await member.cancel();
      expect(await member.ended(prompt)).toBe('cancelled');
      expect(member.said(prompt)).toEqual(['I begin.']);
      inOrder('cancelled', prompt);
      const next = await member.prompt(text('The next turn.'));
      expect(await member.ended(next)).toBe('done');
      expect(member.said(next)).toEqual(['The next turn.']);
    });

    test('[A4] [A5] a turn that asks is cancelled, and its question is withdrawn', async () => {
      const prompt = await member.prompt(write('c.txt', 'CCC\n'), text('Never said.'));
      const approval = await member.asked(prompt);
      await member.cancel();
      expect(await member.ended(prompt)).toBe('cancelled');
      await expect(member.answer(approval, 'allow')).rejects.toMatchObject({ code: 'gone' });
      expect(file('c.txt')).toBeUndefined();
      inOrder('cancelled while it asks', prompt);
    });

    test('[A4] prompts queued behind a turn run after it, in their order', async () => {
      const first = await member.prompt(text('First.'), hold('queue'));
      const others = [await member.prompt(text('Second.')), await member.prompt(text('Third.'))];
      await stage.site.model.held('queue');
      expect((await member.state()).queue.map(({ prompt }) => prompt)).toEqual(others);
      stage.site.model.release('queue');
      const prompts = [first, ...others];
      for (const prompt of prompts) expect(await member.ended(prompt)).toBe('done');
      expect(prompts.flatMap((prompt) => member.said(prompt))).toEqual(['First.', 'Second.', 'Third.']);
      const begun = member.transcript.turns.map((turn) => turn.prompt);
      expect(begun.filter((prompt) => prompt !== null && prompts.includes(prompt))).toEqual(prompts);
      for (const prompt of others) inOrder('queued', prompt);
    });

    test('[A4] [A5] the command line prompts it, sees its question and answers that', async () => {
      const { skein } = stage;
      const script = printSteps([write('d.txt', 'DDD\n'), text('Told to a terminal.')]);
      const replied = skein.later(['prompt', '--wait', member.ref, script]);
      const approval = await member.askedAbout('d.txt');
      const listed = await skein.later(['approvals', member.ref, '--json']);
      expect(JSON.parse(listed.stdout)).toMatchObject([{ approval, agentName: agent.name, yours: true }]);
      expect(file('d.txt')).toBeUndefined();
      expect(await skein.later(['approve', approval])).toMatchObject({ status: 0 });
      const { status, stdout } = await replied;
      expect({ status, said: stdout.includes('Told to a terminal.') }).toEqual({ status: 0, said: true });
      expect(file('d.txt')).toBe('DDD\n');
    });

    lifeOf(
      agent,
      () => stage,
      () => member,
    );
  });
}
