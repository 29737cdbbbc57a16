/** What every driver lives through: the unknown, the late, the endless, the huge, the dead (rules A1, A2). */
import type { AgentEvent } from '@skein/protocol/agents/events';
import { pack } from '@skein/protocol/codec';
import { describe, expect, test } from 'vitest';
import { acceptsPrompt } from './driver.ts';
import type { FakeStep } from './fake.fixture.ts';
import { Pending } from './pending.ts';
import { Play, recut, replay, SPEC } from './play.fixture.ts';
import { MAX_JUNK } from './state.ts';
import { ALL_SUBJECTS, begin, kinds, same, WRITE } from './subjects.fixture.ts';

describe.each(ALL_SUBJECTS)('the driver $driver.name', (subject) => {
  const { driver } = subject;

  test('[A1] what the driver does not know is kept as it came, and requests it does not know are answered', () => {
    const play = begin(subject, [[{ do: 'strange' }, { do: 'say', text: 'On.' }]]);
    play.prompt('p1');
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
    expect(play.of('agent.note').length).toBeGreaterThanOrEqual(2);
    play.print(subject.strange.line);
    expect(play.of('agent.note').at(-1)).toMatchObject({ line: subject.strange.line });
    expect(play.of('agent.note').at(-1)?.what).toContain(subject.strange.what);
    play.print(subject.malformed);
    expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_bad_message' }]);
  });

  test('[A1] a tool call that was never announced is announced by its question', () => {
    const play = begin(subject, [[{ ...WRITE, ask: true, silent: true }]]);
    const events = play.prompt('p1');
    const types = kinds(events);
    expect(types.slice(0, 3)).toEqual(['turn.started', 'tool.announced', 'approval.asked']);
    play.answer('allow_once');
    expect(play.of('tool.finished')).toMatchObject([{ call: 'c1', end: 'done' }]);
  });

  test('[A1] what comes after the end of a turn is not lost, and begins no turn', () => {
    const play = begin(subject, [
      [
        { do: 'say', text: 'Done' },
        { do: 'late', text: 'By the way' },
      ],
    ]);
    play.prompt('p1');
    expect(play.of('turn.ended')).toHaveLength(1);
    expect(play.of('turn.started')).toHaveLength(1);
    expect(JSON.stringify(play.events)).toContain('By the way');
    expect(acceptsPrompt(play.state)).toBe(true);
  });

  test('[A1] a turn that fails says so, and another may follow', () => {
    const play = begin(subject, [[{ do: 'fail' }], [{ do: 'say', text: 'Better' }]]);
    play.prompt('p1');
    play.prompt('p2');
    expect(play.of('turn.ended').map((turn) => turn.reason)).toEqual(['failed', 'done']);
    expect(play.of('turn.ended')[0]?.message).toContain('500');
  });

  test('[A2] a line beyond the limit is one typed error, however it comes, and what follows is read', () => {
    const play = begin(subject, [[{ do: 'say', text: 'Fine' }]], { maxLine: 20_000 });
    play.print('x'.repeat(50_000));
    expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_line_too_long' }]);
    play.prompt('p1');
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
    for (const size of [1_000, 19_999, 20_001, 60_000])
      same(play, replay(driver, play.spec, recut(play.inputs, [size])));
  });

  test('[A2] a line that never ends takes no memory', () => {
    const { state: began } = driver.start({ ...SPEC, maxLine: 1_000 });
    const pending = new Pending(began.consumed, 1_000);
    let state = began;
    const faults: AgentEvent[] = [];
    for (let i = 0; i < 1_000; i++) {
      const now = pending.push(new Uint8Array(777).fill(120));
      if (now === undefined) continue;
      const stepped = driver.step(state, { type: 'output', ...now });
      state = stepped.state;
      faults.push(...stepped.events);
      expect(pending.held).toBeLessThan(2_000);
    }
    expect(faults).toMatchObject([{ type: 'agent.fault', body: { code: 'agent_line_too_long' } }]);
    expect(state.consumed).toBeGreaterThan(770_000);
    expect(pack(state).length).toBeLessThan(pack(began).length + 64);
  });

  test('[A2] what speaks no protocol at all is given up, once, and costs nothing more', () => {
    const play = begin(subject, [[{ do: 'hang' }]]);
    play.prompt('p1');
    for (let i = 0; i < 3 * MAX_JUNK; i++) play.print(`line ${i}: 100%|#####|`, '');
    expect(play.of('agent.fault')).toHaveLength(MAX_JUNK + 1);
    expect(play.of('agent.fault').at(-1)?.code).toBe('agent_unintelligible');
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'lost' }]);
    play.prompt('p2');
    expect(play.of('agent.refused')).toMatchObject([{ code: 'agent_not_ready' }]);
    play.give({ type: 'exit', code: 1, signal: null });
    expect(play.of('agent.exited')).toHaveLength(1);
  });

  test('[A2] an agent that exits at once tells why, and one that exits twice is told of once', () => {
    const play = new Play(driver);
    play.give({ type: 'stderr', bytes: Buffer.from(`${'x'.repeat(9_000)}no such model`) });
    play.give({ type: 'output', offset: 0, bytes: Buffer.from('bye'), end: true });
    play.give({ type: 'exit', code: 3, signal: null });
    play.give({ type: 'exit', code: 3, signal: null });
    expect(play.of('agent.exited')).toMatchObject([
      { code: 3, stderr: expect.stringContaining('no such model') },
    ]);
    expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_not_protocol', text: 'bye' }]);
  });

  test('[A2] a prompt of 5 MB passes; the state stays small; more is refused', () => {
    const play = begin(subject, [[{ do: 'say', text: 'Read.' }]]);
    play.prompt('p1', 'y'.repeat(5 * 1024 * 1024));
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
    expect(pack(play.state).length).toBeLessThan(8 * 1024);
    play.prompt('p2', 'y'.repeat(9 * 1024 * 1024));
    expect(play.of('agent.refused')).toMatchObject([{ code: 'too_large', id: 'p2' }]);
  });

  test('[A2] a thousand tool calls and questions leave a bounded state', () => {
    const steps = Array.from(
      { length: 1_000 },
      (_, i): FakeStep => ({ ...WRITE, call: `c${i}`, path: `/w/${i}` }),
    );
    const play = begin(subject, [steps]);
    play.prompt('p1');
    expect(play.of('tool.finished')).toHaveLength(1_000);
    expect(pack(play.state).length).toBeLessThan(128 * 1024);
  });
});
