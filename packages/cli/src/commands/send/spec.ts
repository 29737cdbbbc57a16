/** `skein send`: keys into a session without attaching. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const send: CommandSpec = {
  name: 'send',
  summary: 'type into a session',
  details: `Ends once the program's terminal has taken it all. The text goes first, then the keys, then Enter.
Keys: a, C-c, M-x, Up, Down, Left, Right, Home, End, PageUp, PageDown, Insert, Delete, F1…F12, Enter, Tab,
BTab, Space, Escape, BSpace, Comma; with C-, M- and S- before them.`,
  args: [
    { name: 'ref', summary: 'id, name, or the beginning of either', required: true },
    { name: 'text', summary: 'what to type; - reads it from stdin' },
  ],
  options: [
    { name: 'enter', short: 'e', summary: 'press Enter after it' },
    { name: 'keys', short: 'k', value: 'KEYS', summary: 'press these keys, separated by commas' },
  ],
  examples: [
    ["skein send api 'npm test' --enter", 'type a line'],
    ['skein send api --keys C-c', 'interrupt'],
    ['skein send api --keys Up,Enter', 'the last line again'],
    ['skein send api - < script.sh', 'type a file'],
    ["skein send api -- '-x'", 'a text that begins with a dash'],
  ],
  json: '{id, name, bytes}: how many bytes were typed.',
  load: () => import('./run.ts'),
};
