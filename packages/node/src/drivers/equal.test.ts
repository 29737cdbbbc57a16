/** That nobody who reads the events need know which agent made them (rule A1). */
import type { Transcript } from '@skein/protocol/agents/transcript';
import { expect, test } from 'vitest';
import type { FakeStep } from './fake.fixture.ts';
import type { Play } from './play.fixture.ts';
import { begin, kinds, SUBJECTS, type Subject, WRITE } from './subjects.fixture.ts';

const TURNS: FakeStep[][] = [
  [
    { do: 'think', text: 'Let me see' },
    { do: 'say', text: 'Here it comes' },
    { ...WRITE, ask: true },
    { do: 'say', text: 'There it is' },
  ],
  [
    { ...WRITE, call: 'c2', ask: true, silent: true },
    { do: 'say', text: 'Not then' },
  ],
  [{ do: 'say', text: 'Waiting' }, { do: 'hang' }],
  [{ ...WRITE, call: 'c3', ask: true }],
  [{ do: 'say', text: 'The end' }],
];

function converse(subject: Subject): Play {
  const play = begin(subject, TURNS);
  play.prompt('p1');
  play.answer('allow_once');
  play.prompt('p2');
  play.answer('deny_once');
  play.prompt('p3');
  play.give({ type: 'cancel' });
  play.prompt('p4');
  play.give({ type: 'cancel' });
  play.prompt('p5');
  play.give({ type: 'exit', code: 0, signal: null });
  return play;
}

/** What a person is shown; agents name and word the rest as they like. */
function shown({ turns, live, session }: Transcript) {
  const what = turns.map(({ prompt, end, items }) => ({
    prompt,
    end,
    items: items.map((item) => {
      if (item.type === 'message' || item.type === 'thought')
        return [item.type, item.from, item.text, item.ended];
      if (item.type === 'tool') return ['tool', item.id, item.kind, item.paths, item.state];
      return [item.type, 'state' in item ? item.state : item.text];
    }),
  }));
  return { what, live, session };
}

test('[A1] whichever agent it is, the same happens in the same order, and the same is shown', () => {
  const [first, ...others] = SUBJECTS.map((subject) => converse(subject));
  expect(others).toHaveLength(2);
  for (const other of others) {
    const order = (play: Play) => kinds(play.events);
    expect(order(other)).toEqual(first === undefined ? [] : order(first));
    expect(shown(other.transcript)).toEqual(first === undefined ? undefined : shown(first.transcript));
  }
});
