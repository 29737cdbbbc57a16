import { pack, unpack } from '@skein/protocol/codec';
import { describe, expect, test } from 'vitest';
import { acceptsPrompt, restore } from './driver.ts';
import { Play } from './play.fixture.ts';
import { ALL_SUBJECTS, begin, kinds, SESSION, specOf, WRITE } from './subjects.fixture.ts';

describe.each(ALL_SUBJECTS)('the driver $driver.name', (subject) => {
  const { driver } = subject;

  test('[A1] a prompt is replied to, and the turn ends', () => {
    const play = begin(subject, [
      [
        { do: 'think', text: 'Hm.' },
        { do: 'say', text: 'Hello there' },
      ],
    ]);
    expect(play.of('agent.ready')).toHaveLength(1);
    const from = play.events.length;
    play.prompt('p1');
    const thought = subject.terse ? [] : ['thought.delta', 'thought.ended'];
    expect(kinds(play.events.slice(from))).toEqual([
      'turn.started',
      ...thought,
      'message.delta',
      'message.ended',
      'turn.ended',
    ]);
    expect(play.of('turn.started')).toMatchObject([{ prompt: 'p1' }]);
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
    expect(play.transcript.turns[0]?.items).toMatchObject([
      ...(subject.terse ? [] : [{ type: 'thought', text: 'Hm.', ended: true }]),
      { type: 'message', text: 'Hello there', from: 'agent', ended: true },
    ]);
    expect(play.of('agent.session')).toMatchObject([{ session: SESSION, resumes: true }]);
  });

  test('[A1] a tool that was allowed runs; one that was denied ends so, and the turn goes on', () => {
    const play = begin(subject, [
      [
        { ...WRITE, ask: true },
        { ...WRITE, call: 'c2', ask: true },
        { do: 'say', text: 'Well.' },
      ],
    ]);
    play.prompt('p1');
    expect(play.of('approval.asked')).toMatchObject([{ kind: 'edit', call: 'c1', paths: ['/w/a.txt'] }]);
    expect(play.of('tool.finished')).toEqual([]);
    play.answer('allow_once');
    play.answer('deny_once', 'No.');
    expect(play.of('approval.resolved')).toMatchObject([{ outcome: 'allowed' }, { outcome: 'denied' }]);
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
    const [turn] = play.transcript.turns;
    expect(turn?.items.filter((item) => item.type === 'tool')).toMatchObject([
      { id: 'c1', kind: 'edit', state: 'done', paths: ['/w/a.txt'] },
      { id: 'c2', kind: 'edit', state: 'denied', paths: ['/w/a.txt'] },
    ]);
    expect(turn?.items.at(-1)).toMatchObject({ type: 'message', text: 'Well.' });
  });

  test('[A5] an answer is sent once: a second one, or one that was not offered, is refused', () => {
    const play = begin(subject, [[{ ...WRITE, ask: true }]]);
    play.prompt('p1');
    const approval = play.of('approval.asked')[0]?.approval ?? '';
    const before = play.sent;
    play.give({ type: 'answer', approval, option: 'whatever' });
    expect(play.sent).toBe(before);
    play.answer('allow_once');
    expect(play.sent).toBe(before + 1);
    play.give({ type: 'answer', approval, option: play.of('approval.asked')[0]?.options[0]?.id ?? '' });
    expect(play.sent).toBe(before + 1);
    expect(play.of('agent.refused')).toMatchObject([
      { input: 'answer', id: approval, code: 'bad_request' },
      { input: 'answer', id: approval, code: 'gone' },
    ]);
    expect(play.of('approval.resolved')).toHaveLength(1);
  });

  test('[A5] a question dies with its run: orphaned, its turn lost, no answer taken any more', () => {
    const play = begin(subject, [[{ ...WRITE, ask: true }]]);
    play.prompt('p1');
    const approval = play.of('approval.asked')[0]?.approval ?? '';
    const before = play.sent;
    play.give({ type: 'exit', code: null, signal: 9 });
    expect(play.of('approval.orphaned')).toMatchObject([{ approval }]);
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'lost' }]);
    expect(play.of('agent.exited')).toMatchObject([{ code: null, signal: 9 }]);
    play.give({ type: 'answer', approval, option: play.of('approval.asked')[0]?.options[0]?.id ?? '' });
    play.prompt('p2');
    expect(play.of('agent.refused')).toMatchObject([{ code: 'gone' }, { code: 'agent_not_ready' }]);
    expect(play.sent).toBe(before);
  });

  test('[A5] an approval asked before a crash is answered after it', () => {
    const play = begin(subject, [
      [
        { ...WRITE, ask: true },
        { do: 'say', text: 'Thanks.' },
      ],
    ]);
    play.prompt('p1');
    play.state = restore(driver, unpack(pack(play.state)));
    play.answer('allow_once');
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
    expect(play.transcript.turns[0]?.items).toMatchObject([
      { type: 'tool', state: 'done' },
      { type: 'approval', state: 'allowed' },
      { type: 'message', text: 'Thanks.' },
    ]);
  });

  test('[A4] a cancel in mid-turn is confirmed, and the next prompt goes on', () => {
    const play = begin(subject, [[{ do: 'say', text: 'One' }, { do: 'hang' }], [{ do: 'say', text: 'Two' }]]);
    play.prompt('p1');
    expect(play.of('turn.ended')).toEqual([]);
    play.give({ type: 'cancel' });
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'cancelled' }]);
    play.prompt('p2');
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'cancelled' }, { reason: 'done' }]);
    expect(play.transcript.turns[1]?.items).toMatchObject([{ text: 'Two' }]);
    expect(play.give({ type: 'cancel' })).toMatchObject([{ body: { code: 'no_turn' } }]);
  });

  test('[A4] a cancel takes back what was asked', () => {
    const play = begin(subject, [[{ ...WRITE, ask: true }]]);
    play.prompt('p1');
    play.give({ type: 'cancel' });
    expect(play.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'cancelled' }]);
    expect(play.state.approvals).toEqual([]);
    expect(play.transcript.turns[0]?.items.find((item) => item.type === 'tool')?.state).toMatch(
      /cancelled|abandoned/,
    );
  });

  test('[A4] a prompt behind a turn is refused, sends nothing, and is taken when the turn has ended', () => {
    const play = begin(subject, [[{ ...WRITE, ask: true }], [{ do: 'say', text: 'Second' }]]);
    expect(acceptsPrompt(play.state)).toBe(true);
    play.prompt('p1');
    expect(acceptsPrompt(play.state)).toBe(false);
    const before = play.writes.length;
    play.prompt('p2');
    expect(play.writes).toHaveLength(before);
    expect(play.of('agent.refused')).toMatchObject([{ input: 'prompt', id: 'p2', code: 'turn_running' }]);
    play.answer('allow_once');
    expect(acceptsPrompt(play.state)).toBe(true);
    play.prompt('p2');
    expect(play.of('turn.started').map((turn) => turn.prompt)).toEqual(['p1', 'p2']);
    expect(play.of('turn.ended').map((turn) => turn.reason)).toEqual(['done', 'done']);
  });

  test('[A6] a session is resumed; what is known of its past is not told again', () => {
    const script = {
      session: SESSION,
      turns: [[{ do: 'say' as const, text: 'Still here' }]],
      history: [{ prompt: 'Before', reply: 'Long ago' }],
    };
    const play = new Play(driver, subject.fake(script), {
      ...specOf(subject),
      resume: { session: SESSION, history: 'known' },
    });
    expect(play.of('agent.ready')).toHaveLength(1);
    expect(play.of('turn.started')).toEqual([]);
    play.prompt('p1');
    expect(play.of('agent.session')).toMatchObject([{ session: SESSION }]);
    expect(play.of('turn.started')).toMatchObject([{ prompt: 'p1' }]);
    expect(play.transcript.turns).toMatchObject([{ items: [{ text: 'Still here' }] }]);
    expect(JSON.stringify(play.transcript)).not.toContain('Long ago');
  });
});
