/**
 * That every driver lives through every surprise of surprises.fixture.ts: what must come of each is the same whichever
 * protocol it comes by, however finely its bytes are cut, and when the state is stored and read again before every step
 * (rules A1, A2, A4, A5, A6).
 */
import { describe, expect, test } from 'vitest';
import { acceptsPrompt, type StartSpec } from './driver.ts';
import { Play, recut, replay } from './play.fixture.ts';
import { ALL_SUBJECTS, begin, kinds, SESSION, type Subject, same, specOf } from './subjects.fixture.ts';
import { FINAL, LATE, type Never, SURPRISES, type Surprise, type Surprises } from './surprises.fixture.ts';

type Made<K extends Surprise> = Exclude<Surprises[K], Never>;
/** Plays a surprise, says what must have come of it, and hands back each play it needed. */
type Held<K extends Surprise> = (subject: Subject, made: Made<K>) => Play | Play[];

/** A turn that runs, and of which only what a surprise prints is heard; whoever prompts again is answered `Next`. */
function running(subject: Subject): Play {
  const play = begin(subject, [[{ do: 'hang' }], [{ do: 'say', text: 'Next' }]]);
  play.prompt('p1');
  return play;
}

/** The turn has ended once, nothing is asked, nothing was malformed, and the next prompt is answered in a turn of its own. */
function goesOn(play: Play, reason: 'done' | 'cancelled' = 'done'): Play {
  expect(play.of('turn.ended').map((turn) => turn.reason)).toEqual([reason]);
  expect(play.state.approvals).toEqual([]);
  expect(play.of('agent.fault')).toEqual([]);
  expect(acceptsPrompt(play.state)).toBe(true);
  play.prompt('p2');
  expect(play.of('turn.started').map(({ prompt }) => prompt)).toEqual(['p1', 'p2']);
  expect(play.of('turn.ended').map((turn) => turn.reason)).toEqual([reason, 'done']);
  expect(play.transcript.turns.at(-1)?.items).toMatchObject([{ type: 'message', text: 'Next' }]);
  return play;
}

const toolsOf = (play: Play) => play.transcript.turns[0]?.items.filter(({ type }) => type === 'tool');

function refused(subject: Subject, made: Made<'a refusal, and the turn goes on'>, end: 'done' | 'cancelled') {
  const play = running(subject);
  play.print(...made.asks(play));
  expect(play.of('approval.asked')).toMatchObject([{ call: 'c1', kind: 'edit', paths: ['/w/a.txt'] }]);
  play.answer('deny_once', 'No.');
  play.print(...made.after(play));
  expect(play.of('approval.resolved')).toMatchObject([{ outcome: 'denied' }]);
  expect(play.of('tool.finished').map((one) => one.end)).toEqual(['denied']);
  expect(toolsOf(play)).toMatchObject([{ id: 'c1', state: 'denied' }]);
  return goesOn(play, end);
}

/** The next prompt is a turn like any other. */
function expectGoesOn(play: ReturnType<typeof resumed>): void {
  expect(acceptsPrompt(play.state)).toBe(true);
  play.prompt('p1');
  expect(play.transcript.turns.at(-1)).toMatchObject({
    prompt: 'p1',
    end: 'done',
    items: [{ text: 'Next' }],
  });
}

function resumed(subject: Subject, history: NonNullable<StartSpec['resume']>['history']): Play {
  const script = {
    session: SESSION,
    turns: [[{ do: 'say' as const, text: 'Next' }]],
    history: [{ prompt: 'Before', reply: 'Long ago' }],
  };
  const spec = { ...specOf(subject), resume: { session: SESSION, history } };
  return new Play(subject.driver, subject.fake(script), spec);
}

const HELD: { [K in Surprise]: Held<K> } = {
  'a refusal, and the turn goes on': (subject, made) => {
    const play = refused(subject, made, 'done');
    expect(play.transcript.turns[0]?.items.at(-1)).toMatchObject({ type: 'message', text: 'Then not.' });
    return play;
  },
  'a refusal that ends the turn, as if it were done': (subject, made) => refused(subject, made, 'done'),
  'a refusal that cancels the turn': (subject, made) => refused(subject, made, 'cancelled'),

  'permission asked for a call that was never announced': (subject, made) => {
    const play = running(subject);
    const events = play.print(...made.asks(play));
    expect(kinds(events)).toEqual(['tool.announced', 'approval.asked']);
    play.answer('allow_once');
    play.print(...made.after(play));
    expect(play.of('tool.finished')).toMatchObject([{ call: 'c1', end: 'done' }]);
    return goesOn(play);
  },
  'news of a call that was never announced': (subject, made) => {
    const play = running(subject);
    play.print(...made.tells(play));
    expect(play.of('tool.announced')).toMatchObject([{ call: 'c1' }]);
    expect(toolsOf(play)).toMatchObject([{ id: 'c1', state: 'done' }]);
    return goesOn(play);
  },

  'requests that were never offered': (subject, made) => {
    const play = running(subject);
    for (const [index, line] of made.asks(play).entries()) {
      const before = play.written.length;
      play.print(line);
      const answers = play.written.slice(before);
      expect(answers).toHaveLength(1);
      expect(answers.every(made.refused)).toBe(true);
      expect(play.of('agent.note')[index]).toMatchObject({ line });
    }
    play.print(...made.ends(play));
    return goesOn(play);
  },
  'news outside of the specification': (subject, made) => {
    const play = running(subject);
    const before = play.sent;
    play.print(...made.tells(play));
    expect(play.sent).toBe(before);
    expect(play.of('agent.note').length).toBeGreaterThanOrEqual(2);
    play.print(...made.ends(play));
    return goesOn(play);
  },
  'a question taken back': (subject, made) => {
    const play = running(subject);
    play.print(...made.asks(play));
    const approval = play.of('approval.asked')[0]?.approval ?? '';
    play.print(...made.takes(play));
    expect(play.of('approval.resolved')).toMatchObject([{ approval, outcome: 'withdrawn' }]);
    const before = play.sent;
    const option = play.of('approval.asked')[0]?.options[0]?.id ?? '';
    play.give({ type: 'answer', approval, option });
    expect(play.of('agent.refused')).toMatchObject([{ input: 'answer', code: 'gone' }]);
    expect(play.sent).toBe(before);
    play.print(...made.ends(play));
    return goesOn(play);
  },

  'a turn that nobody asked for': (subject, made) => {
    const play = running(subject);
    play.print(...made.ends(play));
    play.print(...made.tells(play));
    expect(play.of('turn.started').map(({ prompt }) => prompt)).toEqual(['p1', null]);
    expect(play.of('turn.ended').map(({ reason }) => reason)).toEqual(['done', 'done']);
    expect(play.transcript.turns[1]?.items.at(-1)).toMatchObject({ from: 'agent', text: 'It has ended.' });
    expect(acceptsPrompt(play.state)).toBe(true);
    play.prompt('p2');
    expect(play.transcript.turns.at(-1)).toMatchObject({ prompt: 'p2', end: 'done' });
    return play;
  },

  'words after the end of the turn': (subject, made) => {
    const play = running(subject);
    play.print(...made.ends(play));
    expect(play.of('turn.ended')).toHaveLength(1);
    const told = play.print(...made.after(play));
    expect(JSON.stringify(told)).toContain(LATE);
    const { turn } = play.of('turn.ended')[0] ?? {};
    const whose = told.flatMap(({ body }) => ('turn' in body ? [body.turn] : []));
    expect(new Set(whose)).toEqual(new Set([turn]));
    return goesOn(play);
  },

  'the past, told as if it were new': (subject) => {
    const known = resumed(subject, 'known');
    expect(known.of('turn.started')).toEqual([]);
    const told = resumed(subject, 'tell');
    expect(told.of('turn.started')).toMatchObject([{ prompt: null, replayed: true }]);
    expect(told.transcript.turns[0]?.items).toMatchObject([
      { from: 'user', text: 'Before' },
      { from: 'agent', text: 'Long ago' },
    ]);
    for (const play of [known, told]) expectGoesOn(play);
    return [known, told];
  },
  'the past, told when it was said to be over': (subject, made) => {
    const known = resumed(subject, 'known');
    const tells = made.tells(known);
    expect(known.print(...tells)).toEqual([]);
    const told = resumed(subject, 'tell');
    told.print(...tells);
    expect(told.of('turn.started').every(({ replayed }) => replayed)).toBe(true);
    expect(JSON.stringify(told.transcript)).toContain(LATE);
    for (const play of [known, told]) expectGoesOn(play);
    return [known, told];
  },

  'a call whose input changes until it is final': (subject, made) => {
    const play = running(subject);
    play.print(...made.tells(play));
    expect(play.of('tool.announced')).toHaveLength(1);
    play.print(...made.asks(play));
    expect(play.of('approval.asked')).toMatchObject([{ call: 'c1', paths: [FINAL] }]);
    play.answer('allow_once');
    play.print(...made.after(play));
    expect(toolsOf(play)).toMatchObject([{ id: 'c1', state: 'done', paths: [FINAL] }]);
    expect(play.of('tool.finished')).toHaveLength(1);
    return goesOn(play);
  },
};

/** The same at every cut of its bytes, and when it goes on from a stored state before every step. */
function sameAtEveryCut({ driver }: Subject, play: Play): void {
  for (const size of [1, 2, 3, 97]) same(play, replay(driver, play.spec, recut(play.inputs, [size])));
  same(play, replay(driver, play.spec, play.inputs, 1));
}

for (const [surprise, seen] of Object.entries(SURPRISES) as [Surprise, string][]) {
  describe(`[A1] ${surprise} (seen of ${seen})`, () => {
    for (const subject of ALL_SUBJECTS) {
      const made = subject.surprises[surprise];
      const name = `${subject.driver.name}${subject.files === true ? ', with files by the node' : ''}`;
      if (made !== true && 'never' in made) {
        test(`${name}: cannot be: ${made.never}`, () => expect(made.never).not.toBe(''));
        continue;
      }
      test(`[A2] ${name}: is lived through, at every cut`, () => {
        const held = HELD[surprise] as Held<Surprise>;
        for (const play of [held(subject, made)].flat()) sameAtEveryCut(subject, play);
      });
    }
  });
}
