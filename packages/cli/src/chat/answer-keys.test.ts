/** Which question a key answers: only one that its user has had on the screen (rule U2). */
import { expect, test } from 'vitest';
import { answerKey } from './answer-keys.ts';
import { AGENT } from './model/events.fixture.ts';
import { SessionModel } from './model/session-model.ts';
import { ChatState } from './state.ts';

const YES = { type: 'text', text: 'y' } as const;
const ALT_YES = { type: 'key', name: 'y', ctrl: false, alt: true, shift: false } as const;
const SECOND = 'second';

interface Event {
  type: string;
  body: Record<string, unknown>;
}

const ofAgent = (agent: string, run: string): Event[] => [
  { type: 'agent.added', body: { agent, name: agent, definition: 'd', cwd: '/w' } },
  { type: 'agent.starting', body: { agent, run, resume: null, attempt: 0 } },
];
const asked = (approval: string, run: string): Event => ({
  type: 'approval.asked',
  body: {
    ...{ approval, run, turn: 't', call: approval, kind: 'execute', title: approval, paths: [] },
    options: [{ id: 'y', kind: 'allow_once', label: 'Yes' }],
  },
});

/** A chat with a question that has been on the screen for long, and what its keys answer at a time in milliseconds. */
function scene(): {
  state: ChatState;
  happens(...events: Event[]): void;
  press(key: typeof YES | typeof ALT_YES, now: number): string[];
} {
  const state = new ChatState(new SessionModel('s', {}));
  let offset = 0;
  const happens = (...events: Event[]) => {
    for (const event of events) state.model.apply({ ...event, at: 1, by: null }, ++offset);
  };
  const press = (key: typeof YES | typeof ALT_YES, now: number) => {
    const answered: string[] = [];
    const doing = { now: () => now, answer: (approval: string) => void answered.push(approval) };
    answerKey(state, key, doing);
    return answered;
  };
  happens(...ofAgent(AGENT, 'r'), ...ofAgent(SECOND, 'r2'), asked('first', 'r'));
  state.look(0);
  return { state, happens, press };
}

test.each([YES, ALT_YES])(
  '[U2] a question that has come in the place of another since the last frame is not answered',
  (key) => {
    const { state, happens, press } = scene();
    expect(press(key, 5_000)).toEqual(['first']);
    happens({ type: 'approval.orphaned', body: { run: 'r', approval: 'first' } }, asked('next', 'r'));
    expect(state.question?.approval).toBe('next');
    expect(press(key, 5_000)).toEqual([]);
    state.look(5_001);
    expect(press(key, 10_000)).toEqual(['next']);
  },
);

test('[U2] nor one of an agent that was turned to since', () => {
  const { state, happens, press } = scene();
  happens(asked('other', 'r2'));
  state.focus(SECOND);
  expect(press(YES, 5_000)).toEqual([]);
  state.look(5_001);
  expect(press(YES, 10_000)).toEqual(['other']);
});

test.each([YES, ALT_YES])('[U2] nor one for which the terminal is too low', (key) => {
  const { state, press } = scene();
  state.size = { cols: 80, rows: 4 };
  state.look(1);
  expect(press(key, 5_000)).toEqual([]);
  state.size = { cols: 80, rows: 5 };
  state.look(5_001);
  expect(press(key, 10_000)).toEqual(['first']);
});
