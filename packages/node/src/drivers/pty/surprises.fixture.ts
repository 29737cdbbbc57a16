/** The surprises of surprises.fixture.ts as an agent in a terminal tells them by its hooks, and shows them. */
import { FINAL, LATE, lines, type Surprises } from '../surprises.fixture.ts';
import { ASKING, IDLE, WORKING } from './agent.fixture.ts';

const AT_REST = 60_000;
let reports = 0;
/** Of the turn that is `theirs`; none when it is left out. */
const hook = (name: string, data: object, more: object = {}) => ({
  ...{ id: `s${++reports}`, hook: name },
  ...{ data: { session_id: 'session-1', prompt_id: 'theirs-1', ...data }, ...more },
});
const screen = (text: string, still = 0) => [`@${JSON.stringify({ type: 'screen', text, still })}`];
const about = (path = '/w/a.txt') => ({
  ...{ tool_name: 'Write', tool_input: { file_path: path, content: 'AAA' } },
});
const named = (path?: string) => ({ ...about(path), tool_use_id: 'c1' });
const asks = (path?: string) => [
  ...lines(hook('PermissionRequest', about(path), { id: 'c1', waits: true })),
  ...screen(ASKING),
];
const done = (path?: string) => lines(hook('PostToolUse', { ...named(path), tool_response: {} }));
const stops = (text?: string) => [
  ...lines(hook('Stop', text === undefined ? {} : { last_assistant_message: text })),
  ...screen(IDLE, AT_REST),
];
const announced = (path?: string) => lines(hook('PreToolUse', named(path)));

export const ptySurprises: Surprises = {
  'a refusal, and the turn goes on': {
    asks: () => [...announced(), ...asks()],
    after: () => [...screen(WORKING), ...stops('Then not.')],
  },
  'a refusal that ends the turn, as if it were done': {
    asks: () => [...announced(), ...asks()],
    after: () => stops(),
  },
  'a refusal that cancels the turn': {
    asks: () => [...announced(), ...asks()],
    // Of a turn that was interrupted no hook tells.
    after: () => screen(IDLE, AT_REST),
  },
  'permission asked for a call that was never announced': {
    asks: () => asks(),
    after: () => [...done(), ...stops()],
  },
  'news of a call that was never announced': { tells: () => [...done(), ...stops()] },
  'requests that were never offered': {
    never:
      'A program in a terminal is answered by its hook for permissions alone; all others wait for nothing.',
  },
  'news outside of the specification': {
    tells: () => lines(hook('NeverHeardOf', { a: 1 }), hook('PreCompact', { trigger: 'auto' })),
    ends: () => stops(),
  },
  'a question taken back': {
    asks: () => [...announced(), ...asks()],
    takes: () => lines({ id: `s${++reports}`, gone: 'c1' }),
    ends: () => stops(),
  },
  'a turn that nobody asked for': {
    ends: () => stops(),
    tells: () => {
      const theirs = { prompt_id: 'theirs-typed' };
      return [
        ...lines(hook('UserPromptSubmit', { ...theirs, prompt: 'Typed at the terminal.' })),
        ...screen(WORKING),
        ...lines(hook('Stop', { ...theirs, last_assistant_message: 'It has ended.' })),
        ...screen(IDLE, AT_REST),
      ];
    },
  },
  'words after the end of the turn': {
    ends: () => stops(),
    after: () => [...lines(hook('Notification', { message: LATE })), ...done(), ...stops()],
  },
  'the past, told as if it were new': { never: 'Hooks tell of what happens; the past is only shown.' },
  'the past, told when it was said to be over': {
    never: 'Hooks tell of what happens; the past is only shown.',
  },
  'a call whose input changes until it is final': {
    tells: () => [...announced('/w/fin.txt'), ...announced(FINAL)],
    asks: () => asks(FINAL),
    after: () => [...done(FINAL), ...stops()],
  },
};
