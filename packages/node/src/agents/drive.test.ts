/**
 * A run driven through crashes (rules A2, A4, A5, H3): driver, cells, the session's decisions and a host, without processes.
 * Whatever is lost in between, the session reads as if nothing had been.
 */
import { SkeinError } from '@skein/protocol/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SESSION, SUBJECTS, type Subject } from '../drivers/subjects.fixture.ts';
import { AGENT, LOCAL, Log, Process, RUN, Runner, TURNS } from './drive.fixture.ts';

/** What a person answers, question by question. */
const ANSWERS = ['allow', 'deny'] as const;

/** Plays the whole conversation; `acts` decide what happens next, and when the node dies. */
function play(subject: Subject, acts: readonly { act: number; size: number }[]) {
  const log = new Log(subject.driver.name);
  const process = new Process(subject.fake({ session: SESSION, turns: TURNS }));
  const prompts = new Map<string, string>();
  for (let n = 0; n < TURNS.length; n++) {
    const prompt = `prompt${'abcdefgh'[n]}aaaaa`;
    prompts.set(prompt, `Do ${n}.`);
    log.submit('prompt.queue', { agent: AGENT, prompt, parts: [{ type: 'text', text: `Do ${n}.` }] }, LOCAL);
  }
  let runner = new Runner(subject, log, process);
  const crash = () => {
    runner = new Runner(subject, log, process);
  };
  let answers = 0;
  const answer = () => {
    const open = Object.values(log.state.approvals).find((one) => one.answered === null);
    if (open === undefined) return false;
    const how = ANSWERS[answers++ % ANSWERS.length];
    log.submit('approval.answer', { approval: open.approval, answer: how }, LOCAL);
    return true;
  };
  for (const { act, size } of acts) {
    if (act === 0) crash();
    else if (act === 1) {
      runner.step(prompts, false);
      crash();
    } else if (act === 2) answer();
    else if (act === 3) runner.write(size);
    else if (act === 4) runner.read(size);
    else runner.step(prompts, true);
  }
  const busy = () =>
    [runner.step(prompts, true), runner.write(1e6), runner.read(1e6), answer()].some((moved) => moved);
  while (busy());
  return { log, heard: process.heard };
}

describe.each(SUBJECTS)('a run of $driver.name', (subject) => {
  test('[A2] [A4] [A5] [H3] killed anywhere, it reads the same, and the agent was told the same, once', () => {
    const calm = play(subject, []);
    expect(calm.log.agent.turns).toBe(TURNS.length);
    expect(calm.log.transcript.turns.map(({ end }) => end)).toEqual(TURNS.map(() => 'done'));
    const act = fc.record({ act: fc.nat(7), size: fc.integer({ min: 1, max: 300 }) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 150 }), (acts) => {
        const { log, heard } = play(subject, acts);
        expect(log.transcript).toEqual(calm.log.transcript);
        expect(heard).toBe(calm.heard);
        // What has arrived is not kept for ever: at most until the next transaction.
        expect([...log.cells.keys()].filter((key) => key.startsWith('write/')).length).toBeLessThan(3);
      }),
      { numRuns: 60 },
    );
  });

  test('[A2] a prompt that was changed while it was given is refused as a whole', () => {
    const log = new Log(subject.driver.name);
    const late = { run: RUN, events: [], cells: [], prompt: { prompt: 'x', offset: 3 } };
    try {
      log.submit('agent.stepped', late);
    } catch (thrown) {
      expect(SkeinError.from(thrown).code).toBe('gone');
      return;
    }
    throw new Error('It was taken.');
  });
});
