/** A chat's screen at every size, whatever the session is at (rules U1, U2). */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { insert } from '../input/editor.ts';
import { AGENT, lives, words } from '../model/events.fixture.ts';
import { SessionModel } from '../model/session-model.ts';
import { columns } from '../model/width.ts';
import { ChatState, type Mode } from '../state.ts';
import { App } from './app.tsx';
import { frameOf } from './frame.ts';
import { InkScreen } from './ink-screen.tsx';

const modes = fc.constantFrom<Mode>(
  { kind: 'write' },
  { kind: 'browse' },
  { kind: 'help', row: 3 },
  { kind: 'line', what: 'search', text: 'wörds' },
);
const sizes = fc.record({ cols: fc.integer({ min: 2, max: 130 }), rows: fc.integer({ min: 1, max: 50 }) });
const SECOND = [
  { agent: 'second', name: 'two', definition: 'd', cwd: '/w' },
  { agent: 'third', name: 'three', definition: 'd', cwd: '/w' },
];

test('[U1] as many rows as the terminal has, none wider than it is', () => {
  const ink = new InkScreen(App, true);
  fc.assert(
    fc.property(
      lives,
      modes,
      sizes,
      fc.array(words, { maxLength: 4 }),
      fc.boolean(),
      (events, mode, size, typed, split) => {
        const model = new SessionModel('s', {});
        const more = SECOND.map((body) => ({ type: 'agent.added', at: 3, by: null, body }));
        for (const [i, event] of [...events, ...more].entries()) model.apply(event, i + 1);
        const state = new ChatState(model);
        Object.assign(state, { mode, size, split, loading: undefined, query: 'a' });
        for (const text of typed)
          state.editor = insert(state.editor, text.replace(/[\x00-\x09\x0b-\x1f]/g, ''));
        const view = frameOf(state, 1, 1);
        const lines = ink.lines(view);
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        for (const line of lines)
          expect(columns(line.replace(/\x1b\[[\d;]*m/g, ''))).toBeLessThanOrEqual(size.cols);
        if (view.cursor !== undefined) {
          expect(view.cursor.x).toBeLessThan(size.cols);
          expect(view.cursor.y).toBeLessThan(size.rows);
        }
      },
    ),
    { numRuns: 150 },
  );
  ink.stop();
});

const agentLives = [
  { type: 'agent.added', body: { agent: AGENT, name: 'one', definition: 'd', cwd: '/w' } },
  { type: 'agent.starting', body: { agent: AGENT, run: 'r', resume: null, attempt: 0 } },
];
const asks = { run: 'r', turn: 't', call: 'c', approval: 'q', kind: 'edit', title: 'a.txt', paths: [] };
const options = [{ id: 'y', kind: 'allow_once', label: 'Yes' }];
const diffs = [{ path: 'a.txt', before: 'old\n', after: 'new\n' }];

test.each([
  ['in a row', [{ type: 'approval.asked', body: { ...asks, options } }], ['a.txt', ' y  yes']],
  [
    'in several',
    [
      { type: 'tool.announced', body: { ...asks, diffs } },
      { type: 'approval.asked', body: { ...asks, options } },
    ],
    ['a.txt', ' y  yes'],
  ],
  [
    'of people',
    [{ type: 'question.asked', body: { question: 'q', agent: AGENT, text: 'Which?', options: ['red'] } }],
    ['Which?', ' 1  red'],
  ],
  [
    'of people while another agent asks too',
    [
      { type: 'agent.added', body: SECOND[0] },
      { type: 'agent.starting', body: { agent: 'second', run: 'r2', resume: null, attempt: 0 } },
      { type: 'approval.asked', body: { ...asks, run: 'r2', options } },
      { type: 'question.asked', body: { question: 'p', agent: AGENT, text: 'Which?', options: ['red'] } },
    ],
    ['Which?', ' 1  red'],
  ],
])(
  '[U2] what a key would answer, %s, is on the screen with its keys, however low that is',
  (_, more, shown) => {
    const model = new SessionModel('s', {});
    for (const [i, event] of [...agentLives, ...more].entries())
      model.apply({ ...event, at: 1, by: null }, i + 1);
    const ink = new InkScreen(App, false);
    for (const rows of [5, 6, 8, 10, 24]) {
      const state = new ChatState(model);
      Object.assign(state, { size: { cols: 80, rows }, loading: undefined });
      const text = ink.lines(frameOf(state, 1, 1)).join('\n');
      for (const one of shown) expect(text.replace(/\x1b\[[\d;]*m/g, '')).toContain(one);
    }
    ink.stop();
  },
);

test('[U2] every key that answers a question is on the screen, however narrow that is', () => {
  const model = new SessionModel('s', {});
  const events = [...agentLives, { type: 'approval.asked', body: { ...asks, options } }];
  for (const [i, event] of events.entries()) model.apply({ ...event, at: 1, by: null }, i + 1);
  const ink = new InkScreen(App, false);
  for (const cols of [14, 20, 40, 60, 80]) {
    const state = new ChatState(model);
    Object.assign(state, { size: { cols, rows: 24 }, loading: undefined });
    const lines = ink.lines(frameOf(state, 1, 1)).map((line) => line.replace(/\x1b\[[\d;]*m/g, ''));
    for (const key of ['y', 'a', 'n', 'd', 'r', 'v'])
      expect(lines.findLast((line) => / y( |$)/.test(line))).toMatch(new RegExp(` ${key}( |$)`));
  }
  ink.stop();
});
