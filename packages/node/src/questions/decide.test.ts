/** Questions to people: who may answer, who is first, and when nobody need any more (rule N4). */
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { Role } from '@skein/protocol/members/roles';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byDevice, LOCAL, World } from '../members/world.fixture.ts';
import { Workshop } from '../tasks/tasks.fixture.ts';

const code = (act: () => unknown) => {
  try {
    act();
    return 'taken';
  } catch (error) {
    return SkeinError.from(error).code;
  }
};

test('[N4] three people answer one question: the first counts, the others are told who it was', () => {
  const world = new World();
  const people: [number, Role][] = [
    [1, 'viewer'],
    [2, 'approver'],
    [3, 'operator'],
  ];
  for (const [n, role] of people) {
    world.make(LOCAL, `ticket${'abc'[n - 1]}aaaaa`, role);
    world.redeem(n, `ticket${'abc'[n - 1]}aaaaa`);
  }
  const question = newId();
  world.give(LOCAL, 'question.ask', { question, text: 'Which port?', options: ['80', '8080'] });
  const answer = (n: number, said: string) =>
    world.give(byDevice(n), 'question.answer', { question, answer: said });
  expect(code(() => answer(1, '80'))).toBe('not_allowed');
  expect(code(() => answer(2, '443'))).toBe('bad_request');
  expect(answer(2, '8080')).toEqual({ question, answer: '8080' });
  expect(code(() => answer(3, '80'))).toBe('already_answered');
  expect(() => answer(3, '80')).toThrow(/Question 1 was answered before, by alice-?2?: 8080/);
  expect(world.session.questions).toEqual({});
  expect(world.session.settledQuestions).toMatchObject([{ question, how: 'person', answer: '8080' }]);
});

test("[N4] one of an agent ends with its run, one of a program's does not, and a default counts at its time", () => {
  const shop = new Workshop();
  const ask = (more: object) => {
    const question = newId();
    shop.give('question.ask', { question, text: 'Well?', ...more });
    return question;
  };
  const agents = ask({ agent: 'leadaaaaaaaa' });
  const programs = ask({});
  const preset = ask({ default: 'yes', after: 5_000 });
  shop.pass(4_999);
  expect(Object.keys(shop.state.questions)).toEqual([agents, programs, preset]);
  shop.pass(1);
  shop.exit('leadaaaaaaaa');
  expect(Object.keys(shop.state.questions)).toEqual([programs]);
  expect(shop.state.settledQuestions).toMatchObject([
    { question: preset, how: 'default', answer: 'yes' },
    { question: agents, how: 'orphaned', answer: null },
  ]);
  expect(code(() => shop.give('question.answer', { question: agents, answer: 'x' }))).toBe('gone');
  expect(code(() => ask({ agent: 'leadaaaaaaaa' }))).toBe('not_running');
});

test('[N4] what is no question is refused, and there is an end to how many wait', () => {
  const shop = new Workshop();
  const ask = (body: object) =>
    code(() => shop.give('question.ask', { question: newId(), text: 'q', ...body }));
  expect(ask({ text: '  ' })).toBe('bad_request');
  expect(ask({ default: 'a' })).toBe('bad_request');
  expect(ask({ options: ['a', 'a'] })).toBe('bad_request');
  expect(ask({ options: ['a'], default: 'b', after: 2_000 })).toBe('bad_request');
  for (let n = 0; n < 64; n++) expect(ask({})).toBe('taken');
  expect(ask({})).toBe('mailbox_full');
});

test('[N4] however they are asked, answered, withdrawn and left, each is settled once and none is lost', () => {
  const one = fc.record({
    do: fc.constantFrom('ask', 'answer', 'withdraw', 'pass', 'exit'),
    n: fc.nat({ max: 7 }),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), (all) => {
      const shop = new Workshop();
      const asked: string[] = [];
      const settled: string[] = [];
      shop.watch = (_, { type, body }) => {
        const { question } = body as { question?: string };
        if (question === undefined) return;
        if (type === 'question.asked') asked.push(question);
        if (type === 'question.answered' || type === 'question.withdrawn') settled.push(question);
      };
      for (const { do: what, n } of all) {
        const question = asked[n % Math.max(1, asked.length)] ?? newId();
        const agent = n % 2 === 0 ? { agent: 'leadaaaaaaaa' } : {};
        const preset = n % 3 === 0 ? { default: 'd', after: 1_000 * (n + 1) } : {};
        if (what === 'ask')
          code(() => shop.give('question.ask', { question: newId(), text: 'q', ...agent, ...preset }));
        else if (what === 'answer') code(() => shop.give('question.answer', { question, answer: 'a' }));
        else if (what === 'withdraw') code(() => shop.give('question.withdraw', { question }));
        else if (what === 'pass') shop.pass(2_000);
        else shop.exit('leadaaaaaaaa');
      }
      expect(new Set(settled).size).toBe(settled.length);
      expect([...settled, ...Object.keys(shop.state.questions)].sort()).toEqual([...asked].sort());
    }),
    { numRuns: 200 },
  );
});
